import { Hono } from "hono";
import * as z from "zod";
import { UploadView } from "../../../../shared/contracts/images.ts";
import { requires } from "../../../../shared/http/identity.ts";
import { BYTES, describe } from "../../../../shared/http/openapi.ts";
import { refuse } from "../../../../shared/http/problem.ts";
import {
  type Answer,
  answerOnce,
  fingerprintOf,
  jsonAnswer,
  READS_KEY,
  TELLS_REPLAY,
} from "../../../../shared/idempotency/answer-once.ts";
import type { Logger } from "../../../../shared/log.ts";
import type { Failure, Result } from "../../../../shared/result.ts";
import type { Env } from "../env.ts";
import { viewUpload } from "../files/view.ts";
import type { Ingested } from "../schema.ts";
import { ingest, type Upload } from "../uploads/ingest.ts";
import type { NewIngested } from "../uploads/save-upload.ts";
import type { UploadRefusal } from "../uploads/upload-refusal.ts";
import { ingestDeps, linkOf, type OwnerContext, sealOfAnswers } from "./context.ts";
import { type ReceivedFile, readFormUpload, readRawUpload } from "./read-upload.ts";

const RETRY_AFTER_SECONDS = 2;

/** A form with the file in `image`, `file`, or the first part with a file name. */
const photoForm = { "multipart/form-data": z.object({ image: BYTES }).meta({ ref: "PhotoForm" }) };
const fileForm = { "multipart/form-data": z.object({ file: BYTES }).meta({ ref: "FileForm" }) };

const MADE = ["Location", TELLS_REPLAY] as const;

const RAW_BODY = {
  headers: {
    ...READS_KEY,
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
    sends: { 202: MADE },
    takes: { "image/jpeg": BYTES, "image/png": BYTES, "image/webp": BYTES, "application/octet-stream": BYTES },
    ...RAW_BODY,
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
    sends: { 202: MADE },
    takes: photoForm,
    headers: READS_KEY,
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
    sends: { 201: MADE },
    takes: { "application/octet-stream": BYTES, "*/*": BYTES },
    ...RAW_BODY,
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
    sends: { 201: MADE },
    takes: fileForm,
    headers: READS_KEY,
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
    sends: { 201: MADE },
    takes: photoForm,
    headers: READS_KEY,
  }),
  requires("images:write"),
  async (c) => take(c, "images", await readFormUpload(c), 201),
);

async function take(
  c: OwnerContext & { var: { log: Logger } },
  door: Upload["door"],
  received: Result<ReceivedFile, UploadRefusal>,
  status: 201 | 202,
): Promise<Response> {
  if (!received.ok) return refuseUpload(c, received.failure);
  const { name, content } = received.value;
  let isRead = false;
  const fingerprint = async () => {
    isRead = true;
    const sha256 = await content.digest();
    return sha256.ok ? fingerprintOf([name, sha256.value]) : refuseUpload(c, sha256.failure);
  };
  // The door, whatever its path, and what it answers.
  const once = { route: `upload ${door} ${status}`, sent: fingerprint, seal: sealOfAnswers(c) };
  const answer = await answerOnce(c, once, async (attempt) => {
    isRead = true;
    const keep = async (saved: NewIngested) =>
      attempt.keep(uploadedAnswer(c, saved, status), await fingerprintOf([name, saved.file.sha256]));
    const ingested = await ingest({ ...ingestDeps(c), keep }, c.var.actor, { door, name, content });
    if (!ingested.ok) return refuseUpload(c, ingested.failure);
    return jsonAnswer(uploadedAnswer(c, ingested.value, status));
  });
  if (!isRead) await content.discard();
  return answer;
}

function uploadedAnswer(c: OwnerContext, ingested: Ingested, status: 201 | 202): Answer {
  const { file, image } = ingested;
  const location = image === null ? `/api/files/${file.id}/meta` : `/api/images/${file.id}`;
  const body = JSON.stringify(viewUpload(ingested, linkOf(c)));
  return { status, headers: { Location: location }, body };
}

function refuseUpload(c: OwnerContext, failure: Failure<UploadRefusal>): Response {
  if (failure.code === "busy") {
    return refuse(c, failure, { headers: { "Retry-After": String(RETRY_AFTER_SECONDS) } });
  }
  const isField = failure.code === "invalid_request";
  return refuse(c, failure, isField ? { errors: [{ path: "file", message: failure.detail }] } : {});
}
