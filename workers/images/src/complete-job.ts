import type { JobRefusal } from "../../../shared/contracts/rpc.ts";
import { VARIANT_NAMES } from "../../../shared/contracts/variants.ts";
import { newEvent } from "../../../shared/outbox/event.ts";
import { ok, type Result } from "../../../shared/result.ts";
import { attemptLost, type JobDeps, logOf, ownersWork } from "./attempt.ts";
import type { WholeJob } from "./jobs.repo.ts";

/** Makes what an attempt has stored the image's own sizes. Completing twice changes nothing more. */
export async function completeJob(deps: JobDeps, jobId: string, attemptId: string): Promise<Result<null, JobRefusal>> {
  const whole = await deps.jobs.find(jobId);
  if (whole === null || whole.job.attemptId !== attemptId) return attemptLost();
  if (whole.job.status === "complete") return ok(null);
  if (whole.job.status !== "processing") return attemptLost();

  await requireEverySize(deps, jobId, attemptId);
  const at = new Date().toISOString();
  const completed = await deps.commit(() => deps.jobs.complete(whole, attemptId, at, completedEvent(whole)));
  if (completed) logOf(deps, whole).info("job completed");
  return completed ? ok(null) : attemptLost();
}

/** "Complete" promises every size, so an attempt that left one out is a bug of the resizer. */
async function requireEverySize(deps: JobDeps, jobId: string, attemptId: string): Promise<void> {
  const made = (await deps.jobs.variantsOf(jobId, attemptId)).map((variant) => variant.name);
  const missing = VARIANT_NAMES.filter((name) => !made.includes(name));
  if (missing.length > 0) throw new Error(`Job ${jobId} was completed without ${missing.join(", ")}.`);
}

function completedEvent(whole: WholeJob) {
  const { job, file } = whole;
  return newEvent(ownersWork(whole), {
    type: "image.completed",
    account: file.userId,
    resource: file.id,
    sequence: file.version + 1,
    metadata: { filename: file.name, jobId: job.id, attempts: job.attempts },
  });
}
