import { type Context, Hono } from "hono";
import * as z from "zod";
import { FileChanges, FileView } from "../../../../shared/contracts/images.ts";
import { type Actor, refuseUnscoped, requires } from "../../../../shared/http/identity.ts";
import { describe, refusal } from "../../../../shared/http/openapi.ts";
import { cutPage, PAGE_HEADERS, Paging } from "../../../../shared/http/paging.ts";
import { refuse, refuseUnknown } from "../../../../shared/http/problem.ts";
import { jsonBody, query } from "../../../../shared/http/validate.ts";
import { etagOf } from "../../../../shared/http/version-tag.ts";
import { Signing } from "../delivery/link-life.ts";
import type { Env } from "../env.ts";
import { deleteFile } from "../files/delete-file.ts";
import { FilesRepo } from "../files/files.repo.ts";
import { viewFile } from "../files/view.ts";
import type { StoredFile } from "../schema.ts";
import { changeOf, deleteDeps, linkOf, mayChange, ownFile, READS_IF_MATCH } from "./context.ts";
import { FOR_OWNER, SENDS_BYTES, sendOriginal } from "./send-bytes.ts";

type FilesContext = Context<{ Bindings: Env; Variables: { actor: Actor } }>;

const ListQuery = Paging.extend({
  ...Signing.shape,
  sha256: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, "write 64 hexadecimal digits")
    .transform((text) => text.toLowerCase())
    .optional()
    .describe("only files with these bytes; with HEAD: 404 where there is none"),
});

/** `/api/files`: everything that was uploaded, photos among it. */
export const fileRoutes = new Hono<{ Bindings: Env }>();

fileRoutes.get(
  "/",
  describe({
    summary: "List your files, newest first; or ask by HEAD whether you have stored these bytes already",
    tags: ["files"],
    responds: { 200: z.array(FileView), 404: refusal("HEAD with sha256: none of your files has these bytes") },
    sends: PAGE_HEADERS,
  }),
  requires("images:read"),
  query(ListQuery),
  async (c) => {
    const { sha256, sign, ...paging } = c.req.valid("query");
    const found = await new FilesRepo(c.env.DB).listOf(c.var.actor.userId, paging, sha256);
    if (c.req.method === "HEAD" && sha256 !== undefined) return nameFile(c, found[0]);
    const link = linkOf(c, sign);
    return c.json(cutPage(c, found, paging).map((file) => viewFile(file, link)));
  },
);

/** Tells which file it is, without the file: so a client need not send bytes that are there already. */
function nameFile(c: Context, file: StoredFile | undefined): Response {
  if (file === undefined) return refuseUnknown(c);
  return c.body(null, 200, { "X-File-Id": file.id, Location: `/api/files/${file.id}/meta` });
}

fileRoutes.get(
  "/:id",
  describe({ summary: "Download a file", tags: ["files"], ...SENDS_BYTES }),
  requires("images:read"),
  async (c) => {
    const file = await ownFile(c, c.var.actor);
    return file === null ? refuseUnknown(c) : sendOriginal(c, file, FOR_OWNER);
  },
);

fileRoutes.get(
  "/:id/meta",
  describe({
    summary: "Read what is known of a file",
    tags: ["files"],
    responds: { 200: FileView },
    sends: { 200: ["ETag"] },
  }),
  requires("images:read"),
  query(Signing),
  async (c) => {
    const file = await ownFile(c, c.var.actor);
    return file === null ? refuseUnknown(c) : answerFile(c, file, c.req.valid("query").sign);
  },
);

fileRoutes.patch(
  "/:id",
  describe({
    summary: "Rename a file, or say who may read it",
    tags: ["files"],
    responds: { 200: FileView },
    sends: { 200: ["ETag"] },
    headers: READS_IF_MATCH,
  }),
  requires("images:write"),
  jsonBody(FileChanges),
  async (c) => {
    if (!mayChange(c.var.actor, c.req.valid("json"))) return refuseUnscoped(c, "images:share");
    const file = await ownFile(c, c.var.actor);
    if (file === null) return refuseUnknown(c);
    const changed = await changeOf(c, file, c.req.valid("json"));
    return changed.ok ? answerFile(c, changed.value) : refuse(c, changed.failure);
  },
);

fileRoutes.delete(
  "/:id",
  describe({ summary: "Delete a file", tags: ["files"], responds: { 204: "Deleted" } }),
  requires("images:write"),
  async (c) => {
    const file = await ownFile(c, c.var.actor);
    if (file === null) return refuseUnknown(c);
    const deleted = await deleteFile(deleteDeps(c), c.var.actor, file);
    return deleted.ok ? c.body(null, 204) : refuse(c, deleted.failure);
  },
);

/** @param seconds how long the link works at least */
function answerFile(c: FilesContext, file: StoredFile, seconds?: number): Response {
  return c.json(viewFile(file, linkOf(c, seconds)), 200, { ETag: etagOf(file) });
}
