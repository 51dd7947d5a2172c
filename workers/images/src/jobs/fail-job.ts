import type { JobFailure, JobRefusal } from "../../../../shared/contracts/rpc.ts";
import { newEvent } from "../../../../shared/outbox/event.ts";
import { ok, type Result } from "../../../../shared/result.ts";
import { attemptLost, type JobDeps, logOf, MAX_ATTEMPTS, outOfAttempts, ownersWork, TRIES_TO_END } from "./attempt.ts";
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
  const note = { code: failure.code, detail: failure.detail.slice(0, DETAIL_MAX) };
  for (let tries = 0; tries < TRIES_TO_END; tries++) {
    const whole = await deps.jobs.find(jobId);
    if (whole?.job.attemptId !== attemptId || whole.job.status !== "processing") return attemptLost();
    if (await endAttempt(deps, whole, attemptId, note, failure.permanent)) return ok(null);
  }
  return attemptLost();
}

/** @returns false when the attempt had lost its lease, or its photo was changed this moment */
function endAttempt(
  deps: JobDeps,
  whole: WholeJob,
  attemptId: string,
  note: FailureNote,
  isPermanent: boolean,
): Promise<boolean> {
  const { attempts } = whole.job;
  if (isPermanent) return endAsFailed(deps, whole, attemptId, note);
  if (attempts < MAX_ATTEMPTS) return giveBack(deps, whole, attemptId, note);
  const last = outOfAttempts(attempts, `this happened: ${note.detail.replace(/\.$/, "")}`);
  return endAsFailed(deps, whole, attemptId, last);
}

async function giveBack(deps: JobDeps, whole: WholeJob, attemptId: string, note: FailureNote): Promise<boolean> {
  const backoffMs = Math.min(2 ** whole.job.attempts, BACKOFF_MAX_SECONDS) * 1_000;
  const notBefore = Date.now() + backoffMs;
  const released = await deps.commit(() => deps.jobs.release(whole, attemptId, notBefore, note));
  if (released) logOf(deps, whole).warn("job given back", { code: note.code, backoffMs });
  return released;
}

/**
 * Marks the job failed; with an eager one its image too, which the owner's log tells of.
 * @returns false when the attempt had lost its lease, or its photo was changed this moment
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
