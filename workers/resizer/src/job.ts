import type { ClaimedJob, JobsApi } from "../../../shared/contracts/rpc.ts";
import type { Codecs, Workbench } from "./codecs/codec.ts";
import { runPipeline } from "./pipeline.ts";
import type { Wait } from "./wait.ts";

export interface JobDeps {
  images: JobsApi;
  codecs: Codecs;
  /** For everything that comes from images. */
  wait: Wait;
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
  const { images, wait } = deps;
  const claim = await wait(images.claimJob(jobId));
  if (!claim.ok) return { outcome: claim.failure.code, imageId: null, attempt: null, bytes: null, memory: null };
  const { imageId, attempt, attemptId, bytes, kind } = claim.value;
  const bench = deps.codecs.open(kind, wait);
  try {
    const outcome = await runAttempt(deps, bench, claim.value);
    return { outcome, imageId, attempt, bytes, memory: bench.peakBytes };
  } catch (error) {
    await giveUp(deps, jobId, attemptId);
    throw error;
  } finally {
    bench.close();
  }
}

async function runAttempt({ images, wait }: JobDeps, bench: Workbench, job: ClaimedJob): Promise<string> {
  const { jobId, attemptId } = job;
  const opened = await wait(images.openOriginal(jobId, attemptId));
  if (!opened.ok) return opened.failure.code;
  const original = { stream: opened.value, bytes: job.bytes };
  const made = await runPipeline(bench, original, job.formats, (variant, bytes) =>
    wait(images.storeVariant(jobId, attemptId, variant, bytes)),
  );
  if (made.ok) {
    const completed = await wait(images.completeJob(jobId, attemptId, made.value));
    return completed.ok ? "complete" : completed.failure.code;
  }
  const { code, detail } = made.failure;
  if (code === "attempt_lost") return code;
  const failed = await wait(images.failJob(jobId, attemptId, { code, detail, permanent: true }));
  return failed.ok ? code : failed.failure.code;
}

/** Frees the job at once. If images is away too, the attempt's lease runs out and does the same later. */
async function giveUp({ images, wait }: JobDeps, jobId: string, attemptId: string): Promise<void> {
  try {
    await wait(images.failJob(jobId, attemptId, OUTAGE));
  } catch {
    // The error that led here is thrown on and logged; this one would only hide it.
  }
}
