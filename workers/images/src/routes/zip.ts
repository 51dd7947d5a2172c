import { Hono } from "hono";
import * as z from "zod";
import { FileSelection, SELECTION_MAX } from "../../../../shared/contracts/images.ts";
import { requires } from "../../../../shared/http/identity.ts";
import { BYTES, describe, refusal } from "../../../../shared/http/openapi.ts";
import { refuse, refuseUnknown } from "../../../../shared/http/problem.ts";
import { jsonBody, query } from "../../../../shared/http/validate.ts";
import { type Env, readSettings } from "../env.ts";
import { writeDisposition } from "../files/disposition.ts";
import { FilesRepo } from "../files/files.repo.ts";
import { zipOfFiles } from "../files/photos-zip.ts";
import { prepareEntry, type ZipEntry } from "../files/zip-entry.ts";
import { Objects } from "../storage/objects.ts";
import type { OwnerContext } from "./context.ts";

const ID_CHARACTERS = 36;

const SelectionQuery = z.object({
  ids: z
    .string()
    .min(1)
    .max(SELECTION_MAX * (ID_CHARACTERS + 1) - 1)
    .transform((text) => text.split(","))
    .describe("which files, with commas between"),
});

const SENDS_ZIP = {
  200: { says: "The files, uncompressed, as they are sent one by one", content: { "application/zip": BYTES } },
  409: refusal("The metadata of one of them cannot be cut out"),
  410: refusal("The bytes of one of them are lost"),
};

/** `/api/files/zip`: some of one's files in one. */
export const zipRoutes = new Hono<{ Bindings: Env }>();

zipRoutes.get(
  "/",
  describe({ summary: "Download some of your files as a zip, by a link", tags: ["files"], responds: SENDS_ZIP }),
  requires("images:read"),
  query(SelectionQuery),
  (c) => sendZip(c, c.req.valid("query").ids),
);

zipRoutes.post(
  "/",
  describe({ summary: "Download some of your files as a zip", tags: ["files"], responds: SENDS_ZIP }),
  requires("images:read"),
  jsonBody(FileSelection),
  (c) => sendZip(c, c.req.valid("json").ids),
);

/** All of them or nothing: one that is not there, or somebody else's, makes the whole selection unknown. */
async function sendZip(c: OwnerContext, asked: string[]): Promise<Response> {
  const ids = [...new Set(asked)];
  const deps = { objects: new Objects(c.env.BUCKET), files: new FilesRepo(c.env.DB) };
  const found = await deps.files.findOwn(c.var.actor.userId, ids);
  const fileOf = new Map(found.map((file) => [file.id, file]));
  const files = ids.flatMap((id) => fileOf.get(id) ?? []);
  if (files.length < ids.length) return refuseUnknown(c);
  const entries: ZipEntry[] = [];
  for (const file of files) {
    const entry = await prepareEntry(deps, readSettings(c.env).STRIP_METADATA, file);
    if (!entry.ok) return entry.failure.code === "not_found" ? refuseUnknown(c) : refuse(c, entry.failure);
    entries.push(entry.value);
  }
  const { body, bytes } = zipOfFiles(entries);
  const headers = {
    "Content-Type": "application/zip",
    "Content-Length": String(bytes),
    "Content-Disposition": writeDisposition("attachment", "files.zip"),
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
  };
  return new Response(body, { headers });
}
