import type { ClaimedJob, ClaimRefusal } from "../../../../shared/contracts/rpc.ts";
import { newId } from "../../../../shared/ids.ts";
import { fail, ok, type Result } from "../../../../shared/result.ts";
import { type JobDeps, logOf, MAX_ATTEMPTS, outOfAttempts } from "./attempt.ts";
import { endAsFailed } from "./fail-job.ts";

/** Gives a job to a new attempt, unless it is done or another attempt is at it. */
export async function claimJob(deps: JobDeps, jobId: string): Promise<Result<ClaimedJob, ClaimRefusal>> {
  const attemptId = newId();
  const now = Date.now();
  const claimed = await deps.commit(() => deps.jobs.claim(jobId, attemptId, MAX_ATTEMPTS, now, now + deps.leaseMs));
  const whole = await deps.jobs.find(jobId);
  if (whole === null) return notClaimable();

  const { job, file } = whole;
  if (claimed && job.attemptId === attemptId) {
    logOf(deps, whole).info("job claimed");
    return ok({
      jobId,
      imageId: job.imageId,
      attemptId,
      attempt: job.attempts,
      bytes: file.bytes,
      mimeType: file.mimeType,
      kind: job.kind,
      formats: job.formats,
    });
  }
  const isExhausted = job.status === "processing" && job.attempts >= MAX_ATTEMPTS && job.leaseUntil <= now;
  if (isExhausted && job.attemptId !== null) {
    await endAsFailed(deps, whole, job.attemptId, outOfAttempts(job.attempts, "the work on it stopped without a word"));
  }
  return notClaimable();
}

function notClaimable() {
  return fail("not_claimable", "The job is done, gone, or in other hands.");
}
