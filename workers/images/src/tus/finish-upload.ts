import { ok, type Result } from "../../../../shared/result.ts";
import { type IngestDeps, ingest } from "../ingest.ts";
import type { Objects, StoredObject } from "../objects.ts";
import type { UploadRefusal } from "../upload-refusal.ts";
import { BucketContent } from "./bucket-content.ts";
import type { OpenUploadsRepo } from "./open-uploads.repo.ts";
import type { Outcome, SessionRecord } from "./session-record.ts";

export interface FinishDeps extends Omit<IngestDeps, "objects" | "origin"> {
  objects: Pick<Objects, "head" | "open" | "resume" | "delete">;
  uploads: Pick<OpenUploadsRepo, "findIngested" | "close">;
}

/** An ingest that fails must not take the bytes along: they were acknowledged, and the next try needs them. */
const KEEPS_OBJECTS = { delete: async () => undefined };

/**
 * Makes a file of an upload of which every byte came. May be repeated after a kill at any point: the file has the
 * upload's id, so there is one.
 */
export async function finishUpload(deps: FinishDeps, record: SessionRecord): Promise<Result<Outcome, UploadRefusal>> {
  const { id, key, name, uploader, origin } = record;
  let done = await deps.uploads.findIngested(id);
  if (done === null) {
    const content = new BucketContent(deps.objects, key, await assemble(deps.objects, record));
    const upload = { door: "files", id, name, content } as const;
    const ingested = await ingest({ ...deps, objects: KEEPS_OBJECTS, origin }, uploader, upload);
    if (!ingested.ok) return ingested;
    const { file, image, job } = ingested.value;
    done = { outcome: { fileId: file.id, imageId: image?.id ?? null, jobId: job?.id ?? null }, key: file.key };
  }
  // A file whose bytes were there already names those.
  if (done.key !== key) await deps.objects.delete([key]);
  await deps.uploads.close(id);
  return ok(done.outcome);
}

async function assemble(objects: FinishDeps["objects"], record: SessionRecord): Promise<StoredObject> {
  const { key, multipartId, parts } = record;
  const whole = await objects.head(key);
  if (whole !== null) return whole;
  if (multipartId === null) throw new Error("The bytes of an upload are gone.");
  return objects.resume(key, multipartId, parts).complete();
}
