import type { ClaimedJob, JobsApi } from "../../../shared/contracts/rpc.ts";
import type { Codecs, Workbench } from "./codecs/codec.ts";
import { runPipeline } from "./pipeline.ts";

export interface JobDeps {
  images: JobsApi;
  codecs: Codecs;
}

/**
 * How an attempt ended. `not_claimable` and `attempt_lost` mean that the row wants nothing of this attempt;
 * every other word but `complete` is the reason for which the image failed for good.
 */
export interface JobReport {
  outcome: string;
  imageId: string | null;
  attempt: number | null;
  /** Size of the original. */
  bytes: number | null;
  /** The most memory that the codecs held at any one time, in bytes. */
  memory: number | null;
}

/** What the uploader reads while and after trying again does not help. The cause is in the log. */
const OUTAGE = { code: "resize_failed", detail: "The picture could not be resized.", permanent: false };

/**
 * Makes the variants of one job's original, if the job is to be had.
 * @throws when something is broken or away; the attempt is reported as failed first, where that is possible
 */
export async function runJob(deps: JobDeps, jobId: string): Promise<JobReport> {
  const claim = await deps.images.claimJob(jobId);
  if (!claim.ok) return { outcome: claim.failure.code, imageId: null, attempt: null, bytes: null, memory: null };
  const { imageId, attempt, attemptId, bytes, format } = claim.value;
  const bench = deps.codecs.open(format);
  try {
    const outcome = await runAttempt(deps.images, bench, claim.value);
    return { outcome, imageId, attempt, bytes, memory: bench.peakBytes };
  } catch (error) {
    await giveUp(deps.images, jobId, attemptId);
    throw error;
  } finally {
    bench.close();
  }
}

async function runAttempt(images: JobsApi, bench: Workbench, job: ClaimedJob): Promise<string> {
  const { jobId, attemptId } = job;
  const opened = await images.openOriginal(jobId, attemptId);
  if (!opened.ok) return opened.failure.code;
  const original = { stream: opened.value, bytes: job.bytes };
  const made = await runPipeline(bench, original, job.format, (variant, bytes) =>
    images.storeVariant(jobId, attemptId, variant, bytes),
  );
  if (made.ok) {
    const completed = await images.completeJob(jobId, attemptId);
    return completed.ok ? "complete" : completed.failure.code;
  }
  const { code, detail } = made.failure;
  if (code === "attempt_lost") return code;
  const failed = await images.failJob(jobId, attemptId, { code, detail, permanent: true });
  return failed.ok ? code : failed.failure.code;
}

/** Frees the job at once. If images is away too, the attempt's lease runs out and does the same later. */
async function giveUp(images: JobsApi, jobId: string, attemptId: string): Promise<void> {
  try {
    await images.failJob(jobId, attemptId, OUTAGE);
  } catch {
    // The error that led here is thrown on and logged; this one would only hide it.
  }
}
