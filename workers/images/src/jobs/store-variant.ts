import type { JobRefusal, StoredVariant } from "../../../../shared/contracts/rpc.ts";
import { VARIANT_FORMATS } from "../../../../shared/contracts/variants.ts";
import { ok, type Result } from "../../../../shared/result.ts";
import { withPresentObject } from "../files/present-object.ts";
import { variantKey } from "../storage/keys.ts";
import { attemptLost, type JobDeps } from "./attempt.ts";

/** Opens the original of a job for the attempt that holds it. */
export async function openOriginal(
  deps: JobDeps,
  jobId: string,
  attemptId: string,
): Promise<Result<ReadableStream<Uint8Array>, JobRefusal>> {
  if (!(await deps.jobs.prolong(jobId, attemptId, Date.now() + deps.leaseMs))) return attemptLost();
  const whole = await deps.jobs.find(jobId);
  if (whole === null) return attemptLost();
  const findPresent = async () => (await deps.jobs.find(jobId))?.file ?? null;
  const original = await withPresentObject(findPresent, whole.file, ({ key }) => deps.objects.open(key));
  if (original !== null) return ok(original.body);
  if ((await findPresent()) === null) return attemptLost();
  throw new Error(`The original of image ${whole.image.id} is missing in the bucket.`);
}

/** Stores one size in one format for the attempt that holds the job. One that lost it deletes only what it wrote itself. */
export async function storeVariant(
  deps: JobDeps,
  jobId: string,
  attemptId: string,
  { name, format, width, height }: StoredVariant,
  bytes: Uint8Array,
): Promise<Result<null, JobRefusal>> {
  if (!(await deps.jobs.prolong(jobId, attemptId, Date.now() + deps.leaseMs))) return attemptLost();
  const whole = await deps.jobs.find(jobId);
  if (whole === null) return attemptLost();
  const owner = { userId: whole.file.userId, fileId: whole.file.id, generation: whole.job.generation };
  const key = variantKey(deps.storagePath, owner, name, attemptId, format);
  const stored = await deps.objects.put(key, bytes, VARIANT_FORMATS[format].mimeType);
  if (await deps.jobs.noteVariant({ jobId, attemptId, name, format, key, width, height, ...stored })) return ok(null);
  await deps.objects.delete([key]);
  return attemptLost();
}
