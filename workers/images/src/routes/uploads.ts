import { Hono } from "hono";
import * as z from "zod";
import { UploadView } from "../../../../shared/contracts/images.ts";
import { requires } from "../../../../shared/http/identity.ts";
import { BYTES, describe } from "../../../../shared/http/openapi.ts";
import { refuse } from "../../../../shared/http/problem.ts";
import type { Failure, Result } from "../../../../shared/result.ts";
import type { Env } from "../env.ts";
import { ingest, type Upload } from "../ingest.ts";
import type { UploadRefusal } from "../upload-refusal.ts";
import { viewUpload } from "../view.ts";
import { ingestDeps, linkOf, type OwnerContext } from "./context.ts";
import { type ReceivedFile, readFormUpload, readRawUpload } from "./read-upload.ts";

const RETRY_AFTER_SECONDS = 2;

/** A form with the file in `image`, `file`, or the first part with a file name. */
const photoForm = { "multipart/form-data": z.object({ image: BYTES }).meta({ ref: "PhotoForm" }) };
const fileForm = { "multipart/form-data": z.object({ file: BYTES }).meta({ ref: "FileForm" }) };

const NAME_OF_RAW_BODY = {
  headers: {
    "X-File-Name": "its name, percent-encoded",
    "Content-Disposition": "the same as `filename` or `filename*` (RFC 6266)",
  },
  queries: { name: "its name, where no header says it" },
};

/** The doors to one ingest (C9), under `/api`. */
export const uploadRoutes = new Hono<{ Bindings: Env }>();

uploadRoutes.put(
  "/images",
  describe({
    summary: "Upload a photo as the raw body",
    tags: ["images"],
    responds: { 202: UploadView },
    sends: { 202: ["Location"] },
    takes: { "image/jpeg": BYTES, "image/png": BYTES, "image/webp": BYTES, "application/octet-stream": BYTES },
    ...NAME_OF_RAW_BODY,
  }),
  requires("images:write"),
  (c) => take(c, "images", readRawUpload(c), 202),
);

uploadRoutes.post(
  "/images/upload",
  describe({
    summary: "Upload a photo as a form",
    tags: ["images"],
    responds: { 202: UploadView },
    sends: { 202: ["Location"] },
    takes: photoForm,
  }),
  requires("images:write"),
  async (c) => take(c, "images", await readFormUpload(c), 202),
);

uploadRoutes.put(
  "/files",
  describe({
    summary: "Upload a file of any kind as the raw body",
    tags: ["files"],
    responds: { 201: UploadView },
    sends: { 201: ["Location"] },
    takes: { "application/octet-stream": BYTES, "*/*": BYTES },
    ...NAME_OF_RAW_BODY,
  }),
  requires("images:write"),
  (c) => take(c, "files", readRawUpload(c), 201),
);

uploadRoutes.post(
  "/files",
  describe({
    summary: "Upload a file of any kind as a form",
    tags: ["files"],
    responds: { 201: UploadView },
    sends: { 201: ["Location"] },
    takes: fileForm,
  }),
  requires("images:write"),
  async (c) => take(c, "files", await readFormUpload(c), 201),
);

/** The door of the first source system, mounted as `/upload` and `/api/upload` (S0.27, S0.33). */
export const plainUploadRoutes = new Hono<{ Bindings: Env }>();

plainUploadRoutes.post(
  "/",
  describe({
    summary: "Upload a photo as a form",
    tags: ["images"],
    responds: { 201: UploadView },
    sends: { 201: ["Location"] },
    takes: photoForm,
  }),
  requires("images:write"),
  async (c) => take(c, "images", await readFormUpload(c), 201),
);

async function take(
  c: OwnerContext,
  door: Upload["door"],
  received: Result<ReceivedFile, UploadRefusal>,
  status: 201 | 202,
): Promise<Response> {
  if (!received.ok) return refuseUpload(c, received.failure);
  const ingested = await ingest(ingestDeps(c), c.var.actor, { door, ...received.value });
  if (!ingested.ok) return refuseUpload(c, ingested.failure);
  const { file, image } = ingested.value;
  const location = image === null ? `/api/files/${file.id}/meta` : `/api/images/${file.id}`;
  return Response.json(await viewUpload(ingested.value, linkOf(c)), { status, headers: { Location: location } });
}

function refuseUpload(c: OwnerContext, failure: Failure<UploadRefusal>): Response {
  if (failure.code === "busy") {
    return refuse(c, failure, { headers: { "Retry-After": String(RETRY_AFTER_SECONDS) } });
  }
  const isField = failure.code === "invalid_request";
  return refuse(c, failure, isField ? { errors: [{ path: "file", message: failure.detail }] } : {});
}
