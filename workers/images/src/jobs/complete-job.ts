import type { JobRefusal, Placeholder } from "../../../../shared/contracts/rpc.ts";
import { VARIANT_NAMES } from "../../../../shared/contracts/variants.ts";
import { newEvent } from "../../../../shared/outbox/event.ts";
import { ok, type Result } from "../../../../shared/result.ts";
import type { AttemptVariant, Job } from "../schema.ts";
import { attemptLost, type JobDeps, logOf, ownersWork, TRIES_TO_END } from "./attempt.ts";
import type { MadeSizes, WholeJob } from "./jobs.repo.ts";

/** Makes what an attempt has stored the image's own sizes. Completing twice changes nothing more. */
export async function completeJob(
  deps: JobDeps,
  jobId: string,
  attemptId: string,
  placeholder: Placeholder,
): Promise<Result<null, JobRefusal>> {
  // Before the job: an attempt that holds it then has lost none of them, and where one is missing nobody else took it.
  const sizes = await deps.jobs.variantsOf(jobId, attemptId);
  for (let tries = 0; tries < TRIES_TO_END; tries++) {
    const whole = await deps.jobs.find(jobId);
    if (whole === null || whole.job.attemptId !== attemptId) return attemptLost();
    if (whole.job.status === "complete") return ok(null);
    if (whole.job.status !== "processing") return attemptLost();

    requireEverySize(whole.job, sizes);
    const made = { attemptId, at: new Date().toISOString(), placeholder };
    if (!(await deps.commit(() => writeSizes(deps, whole, made)))) continue;
    logOf(deps, whole).info("job completed");
    return ok(null);
  }
  return attemptLost();
}

function writeSizes({ jobs }: JobDeps, whole: WholeJob, made: MadeSizes): Promise<boolean> {
  const isOnDemand = whole.job.kind === "on_demand";
  return isOnDemand ? jobs.completeOnDemand(whole, made) : jobs.complete(whole, made, completedEvent(whole));
}

/** "Complete" promises every size in every format, so an attempt that left one out is a bug of the resizer. */
function requireEverySize({ id, formats }: Job, sizes: AttemptVariant[]): void {
  const made = sizes.map(({ name, format }) => `${name} as ${format}`);
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
