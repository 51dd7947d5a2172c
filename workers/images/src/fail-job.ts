import type { JobFailure, JobRefusal } from "../../../shared/contracts/rpc.ts";
import { newEvent } from "../../../shared/outbox/event.ts";
import { ok, type Result } from "../../../shared/result.ts";
import { attemptLost, type JobDeps, MAX_ATTEMPTS, outOfAttempts, ownersWork } from "./attempt.ts";
import type { FailureNote, WholeJob } from "./jobs.repo.ts";

const BACKOFF_MAX_SECONDS = 60;
/** Stored with the image and shown to people; the resizer's own sentences are shorter. */
const DETAIL_MAX = 500;

/** Ends an attempt: for good where trying again cannot help or was tried enough, else the job waits for another. */
export async function failJob(
  deps: JobDeps,
  jobId: string,
  attemptId: string,
  failure: JobFailure,
): Promise<Result<null, JobRefusal>> {
  const whole = await deps.jobs.find(jobId);
  if (whole === null || whole.job.attemptId !== attemptId) return attemptLost();
  const { attempts } = whole.job;
  const note = { code: failure.code, detail: failure.detail.slice(0, DETAIL_MAX) };

  if (failure.permanent) return ended(await endAsFailed(deps, whole, attemptId, note));
  if (attempts >= MAX_ATTEMPTS) {
    const last = outOfAttempts(attempts, `this happened: ${note.detail.replace(/\.$/, "")}`);
    return ended(await endAsFailed(deps, whole, attemptId, last));
  }
  const backoffMs = Math.min(2 ** attempts, BACKOFF_MAX_SECONDS) * 1_000;
  return ended(await deps.jobs.release(whole, attemptId, Date.now() + backoffMs, note));
}

/**
 * Marks the job failed; with an eager one its image too, which the owner's log tells of.
 * @returns false when the attempt had lost its lease
 */
export async function endAsFailed(
  deps: JobDeps,
  whole: WholeJob,
  attemptId: string,
  note: FailureNote,
): Promise<boolean> {
  const { job, file } = whole;
  const at = new Date().toISOString();
  if (job.kind === "on_demand") return deps.commit(() => deps.jobs.failOnDemand(whole, attemptId, at, note));
  const event = newEvent(ownersWork(file.userId), {
    type: "image.failed",
    account: file.userId,
    resource: file.id,
    sequence: file.version + 1,
    metadata: { filename: file.name, code: note.code, reason: note.detail },
  });
  return deps.commit(() => deps.jobs.fail(whole, attemptId, at, note, event));
}

function ended(written: boolean): Result<null, JobRefusal> {
  return written ? ok(null) : attemptLost();
}
