import { refuse } from "../../../../shared/http/problem.ts";
import { type Answer, answerOnce, fingerprintOf, jsonAnswer } from "../../../../shared/idempotency/answer-once.ts";
import type { Logger } from "../../../../shared/log.ts";
import type { Failure, Result } from "../../../../shared/result.ts";
import { viewUpload } from "../files/view.ts";
import type { Ingested } from "../schema.ts";
import { ingest, type Upload } from "../uploads/ingest.ts";
import type { NewIngested } from "../uploads/save-upload.ts";
import type { UploadRefusal } from "../uploads/upload-refusal.ts";
import { ingestDeps, linkOf, type OwnerContext, sealOfAnswers } from "./context.ts";
import type { ReceivedFile } from "./read-upload.ts";

const RETRY_AFTER_SECONDS = 2;

/**
 * Takes an upload once for each `Idempotency-Key`, at every door that has one whole request for it.
 * @param status what the door answers
 */
export async function takeUpload(
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
