import { exports } from "cloudflare:workers";
import type { Context } from "hono";
import type { WorkOrigin } from "../../../../shared/contracts/rpc.ts";
import type { Actor } from "../../../../shared/http/identity.ts";
import { matches } from "../../../../shared/http/version-tag.ts";
import type { AnswerSeal } from "../../../../shared/idempotency/answer-once.ts";
import { sealAnswers } from "../../../../shared/idempotency/answer-seal.ts";
import { isId } from "../../../../shared/ids.ts";
import { type Commit, committer, RELAY_NAME, watcher } from "../../../../shared/outbox/commit.ts";
import { linkMaker } from "../delivery/links.ts";
import { forgetSeen } from "../delivery/sightings.ts";
import { type Env, readSettings } from "../env.ts";
import { changeFile, type FileChanges } from "../files/change-file.ts";
import { FilesRepo } from "../files/files.repo.ts";
import type { Link } from "../files/view.ts";
import { ImagesRepo, type WholeImage } from "../images/images.repo.ts";
import type { Image, Job, StoredFile } from "../schema.ts";
import { Objects } from "../storage/objects.ts";
import { TrashRepo } from "../storage/trash.repo.ts";
import { BegunObjectsRepo } from "../uploads/begun-objects.repo.ts";
import { type BegunObjects, keepBegun } from "../uploads/begun-objects.ts";
import type { IngestDeps } from "../uploads/ingest.ts";

/** A request to this Worker, with or without someone known behind it. */
export type ImagesContext = Pick<Context<{ Bindings: Env }>, "env" | "req" | "executionCtx"> & {
  var: { requestId: string; traceparent: string };
};
/** A request of somebody signed in. */
export type OwnerContext = ImagesContext & { var: { actor: Actor } };

export function commitOf(c: ImagesContext): Commit {
  return committer(c.env.RELAY.getByName(RELAY_NAME), c.executionCtx);
}

function begunOf(c: ImagesContext): BegunObjects {
  return keepBegun(new BegunObjectsRepo(c.env.DB), watcher(c.env.RELAY.getByName(RELAY_NAME)));
}

/** What the request leaves to be done is done in its name. */
export function originOf(c: ImagesContext): WorkOrigin {
  const { requestId, traceparent } = c.var;
  return { requestId, traceparent };
}

/** What absolute URLs begin with. */
export function publicOriginOf(c: ImagesContext): string {
  return readSettings(c.env).PUBLIC_ORIGIN ?? new URL(c.req.url).origin;
}

/** @param seconds how long the links work at least */
export function linkOf(c: ImagesContext, seconds?: number): Link {
  return linkMaker(readSettings(c.env), publicOriginOf(c), seconds);
}

/** Kept answers hold links, which the database may only hold sealed. */
export function sealOfAnswers(c: ImagesContext): AnswerSeal {
  const { SIGNING_SECRET, SIGNING_SECRET_PREVIOUS } = readSettings(c.env);
  return sealAnswers(SIGNING_SECRET, SIGNING_SECRET_PREVIOUS);
}

/** How a route that heeds `If-Match` describes it. */
export const READS_IF_MATCH = { "If-Match": "the `ETag` as you read it: nobody else's change is overwritten" };

/** Who may change a file may not therefore open it to everybody. */
export function mayChange({ permissions }: Actor, { visibility }: Pick<FileChanges, "visibility">): boolean {
  return visibility === undefined || permissions.has("images:share");
}

/** Changes a file as far as `If-Match` lets it. */
export function changeOf(c: OwnerContext, file: StoredFile, changes: FileChanges) {
  const deps = { files: new FilesRepo(c.env.DB), commit: commitOf(c) };
  return changeFile(deps, c.var.actor, file, changes, (current) => matches(c.req.header("If-Match"), current));
}

/** What taking an upload works with, at every door. */
export function ingestDeps(c: ImagesContext): IngestDeps {
  const { STORAGE_PATH, VARIANT_FORMATS } = readSettings(c.env);
  return {
    files: new FilesRepo(c.env.DB),
    begun: begunOf(c),
    objects: new Objects(c.env.BUCKET),
    trash: new TrashRepo(c.env.DB),
    commit: commitOf(c),
    storagePath: STORAGE_PATH,
    formats: VARIANT_FORMATS,
    origin: originOf(c),
  };
}

/** What deleting works with. */
export function deleteDeps(c: ImagesContext) {
  return {
    files: new FilesRepo(c.env.DB),
    begun: begunOf(c),
    objects: new Objects(c.env.BUCKET),
    trash: new TrashRepo(c.env.DB),
    storagePath: readSettings(c.env).STORAGE_PATH,
    uncache(keys: string[]) {
      forgetSeen(keys);
      // Nobody waits for it: if it fails, the caches forget by themselves within a minute.
      c.executionCtx.waitUntil(exports.Delivery.purge(keys));
    },
    commit: commitOf(c),
  };
}

/** The id of the path, null where it has not the form of one: nothing else ever reaches a query. */
function idOf(c: ImagesContext): string | null {
  const id = c.req.param("id") ?? "";
  return isId(id) ? id : null;
}

/** The file of the path, whoever's it is. */
export async function anyFile(c: ImagesContext): Promise<StoredFile | null> {
  const id = idOf(c);
  return id === null ? null : new FilesRepo(c.env.DB).find(id);
}

/** The file of the path, null unless it is the actor's own. */
export async function ownFile(c: ImagesContext, actor: Actor): Promise<StoredFile | null> {
  const file = await anyFile(c);
  return file?.userId === actor.userId ? file : null;
}

/** The image of the path, null unless it is the actor's own. */
export async function ownImage(c: OwnerContext): Promise<Image | null> {
  const id = idOf(c);
  const image = id === null ? null : await new ImagesRepo(c.env.DB).find(id);
  return image?.userId === c.var.actor.userId ? image : null;
}

/** The image of the path with its sizes, whoever's it is. */
export async function anyWholeImage(c: ImagesContext): Promise<WholeImage | null> {
  const id = idOf(c);
  return id === null ? null : new ImagesRepo(c.env.DB).findWhole(id);
}

/** The image of the path with its sizes, null unless it is the actor's own. */
export async function ownWholeImage(c: OwnerContext): Promise<WholeImage | null> {
  const whole = await anyWholeImage(c);
  return whole?.image.userId === c.var.actor.userId ? whole : null;
}

/** The job of the path, null unless its image is the actor's own. */
export async function ownJob(c: OwnerContext): Promise<Job | null> {
  const id = idOf(c);
  const found = id === null ? null : await new ImagesRepo(c.env.DB).findJob(id);
  return found?.userId === c.var.actor.userId ? found.job : null;
}
