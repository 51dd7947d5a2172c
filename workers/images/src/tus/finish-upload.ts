import { ok, type Result } from "../../../../shared/result.ts";
import type { Objects, StoredObject } from "../storage/objects.ts";
import { type IngestDeps, ingest } from "../uploads/ingest.ts";
import { noAccount, type UploadRefusal } from "../uploads/upload-refusal.ts";
import { BucketContent } from "./bucket-content.ts";
import type { OpenUploadsRepo } from "./open-uploads.repo.ts";
import { UNKNOWN_TYPE } from "./part-writer.ts";
import type { Outcome, SessionRecord } from "./session-record.ts";

export interface FinishDeps extends Omit<IngestDeps, "objects" | "begun" | "origin"> {
  objects: Pick<Objects, "head" | "open" | "put" | "resume" | "delete">;
  uploads: Pick<OpenUploadsRepo, "isOpen" | "findIngested">;
  /** The bytes after the upload's last part. */
  loadTail(): Uint8Array;
}

/**
 * Makes a file of an upload of which every byte came. May be repeated after a kill at any point: the file has the
 * upload's id, and the batch with its rows also ends the upload. So it is made once, even if its owner has deleted it
 * before the repetition.
 */
export async function finishUpload(deps: FinishDeps, record: SessionRecord): Promise<Result<Outcome, UploadRefusal>> {
  const { id, key, name, uploader, origin } = record;
  const done = await deps.uploads.findIngested(id);
  if (done !== null) return ok(done);
  if (!(await deps.uploads.isOpen(id))) return closed(deps, record);
  const content = new BucketContent(deps.objects, key, await assemble(deps, record));
  const upload = { door: "files", id, name, content } as const;
  // An ingest that fails must not take the bytes along: they were acknowledged, and the next try needs them.
  const ingested = await ingest({ ...deps, begun: null, origin }, uploader, upload);
  if (!ingested.ok && ingested.failure.code === "busy") throw new Error(ingested.failure.detail);
  if (!ingested.ok) return ingested;
  const { file, image, job } = ingested.value;
  return ok({ fileId: file.id, imageId: image?.id ?? null, jobId: job?.id ?? null });
}

/** An upload is closed by what it became, whoever has deleted that since, or with its user's account. */
async function closed({ files }: FinishDeps, record: SessionRecord): Promise<Result<Outcome, "unauthenticated">> {
  if (await files.isErased(record.uploader.userId)) return noAccount();
  return ok({ fileId: record.id, imageId: null, jobId: null });
}

/** Brings the rest of an upload into the bucket. */
async function assemble({ objects, loadTail }: FinishDeps, record: SessionRecord): Promise<StoredObject> {
  const { key, multipartId, parts } = record;
  const whole = await objects.head(key);
  if (whole !== null) return whole;
  if (multipartId === null) return objects.put(key, loadTail(), UNKNOWN_TYPE);
  const parted = objects.resume(key, multipartId, parts);
  await parted.add(loadTail());
  return parted.complete();
}
