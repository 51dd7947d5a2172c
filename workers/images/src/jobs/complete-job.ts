import type { JobRefusal, Placeholder } from "../../../../shared/contracts/rpc.ts";
import { VARIANT_NAMES } from "../../../../shared/contracts/variants.ts";
import { newEvent } from "../../../../shared/outbox/event.ts";
import { ok, type Result } from "../../../../shared/result.ts";
import type { Job } from "../schema.ts";
import { attemptLost, type JobDeps, logOf, ownersWork } from "./attempt.ts";
import type { WholeJob } from "./jobs.repo.ts";

/** Makes what an attempt has stored the image's own sizes. Completing twice changes nothing more. */
export async function completeJob(
  deps: JobDeps,
  jobId: string,
  attemptId: string,
  placeholder: Placeholder,
): Promise<Result<null, JobRefusal>> {
  const whole = await deps.jobs.find(jobId);
  if (whole === null || whole.job.attemptId !== attemptId) return attemptLost();
  if (whole.job.status === "complete") return ok(null);
  if (whole.job.status !== "processing") return attemptLost();

  await requireEverySize(deps, whole.job, attemptId);
  const at = new Date().toISOString();
  const made = { attemptId, at, placeholder };
  const isOnDemand = whole.job.kind === "on_demand";
  const completed = await deps.commit(() =>
    isOnDemand ? deps.jobs.completeOnDemand(whole, made) : deps.jobs.complete(whole, made, completedEvent(whole)),
  );
  if (completed) logOf(deps, whole).info("job completed");
  return completed ? ok(null) : attemptLost();
}

/** "Complete" promises every size in every format, so an attempt that left one out is a bug of the resizer. */
async function requireEverySize(deps: JobDeps, { id, formats }: Job, attemptId: string): Promise<void> {
  const made = (await deps.jobs.variantsOf(id, attemptId)).map(({ name, format }) => `${name} as ${format}`);
  const wanted = VARIANT_NAMES.flatMap((name) => formats.map((format) => `${name} as ${format}`));
  const missing = wanted.filter((size) => !made.includes(size));
  if (missing.length > 0) throw new Error(`Job ${id} was completed without ${missing.join(", ")}.`);
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
