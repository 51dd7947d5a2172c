import type { JobFailure, JobRefusal } from "../../../../shared/contracts/rpc.ts";
import { newEvent } from "../../../../shared/outbox/event.ts";
import { ok, type Result } from "../../../../shared/result.ts";
import { attemptLost, type JobDeps, logOf, MAX_ATTEMPTS, outOfAttempts, ownersWork } from "./attempt.ts";
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
  logOf(deps, whole).warn("job given back", { code: note.code, backoffMs });
  const notBefore = Date.now() + backoffMs;
  return ended(await deps.commit(() => deps.jobs.release(whole, attemptId, notBefore, note)));
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
  const at = new Date().toISOString();
  const written = await deps.commit(() => writeFailure(deps, whole, attemptId, at, note));
  if (written) logOf(deps, whole).warn("job failed", { code: note.code });
  return written;
}

/** Sizes on demand are beside the photo, which was complete before and stays so: no event. */
function writeFailure(deps: JobDeps, whole: WholeJob, attemptId: string, at: string, note: FailureNote) {
  const { job, file } = whole;
  if (job.kind === "on_demand") return deps.jobs.failOnDemand(whole, attemptId, at, note);
  const event = newEvent(ownersWork(whole), {
    type: "image.failed",
    account: file.userId,
    resource: file.id,
    sequence: file.version + 1,
    metadata: { filename: file.name, code: note.code, reason: note.detail },
  });
  return deps.jobs.fail(whole, attemptId, at, note, event);
}

function ended(written: boolean): Result<null, JobRefusal> {
  return written ? ok(null) : attemptLost();
}
