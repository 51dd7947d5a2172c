import { SYSTEM_ACCOUNT } from "../../../../shared/contracts/events.ts";
import type { RedriveResult } from "../../../../shared/contracts/queue.ts";
import type { WorkOrigin } from "../../../../shared/contracts/rpc.ts";
import type { Actor } from "../../../../shared/http/identity.ts";
import type { Commit } from "../../../../shared/outbox/commit.ts";
import { newEvent } from "../../../../shared/outbox/event.ts";
import { fail, ok, type Result } from "../../../../shared/result.ts";
import { ORIGINAL_LOST } from "../consistency/lose-original.ts";
import type { ImagesRepo } from "../images/images.repo.ts";
import type { JobsRepo, WholeJob } from "../jobs/jobs.repo.ts";
import type { Job } from "../schema.ts";
import { newJob } from "../uploads/ingest.ts";
import type { QueueRepo } from "./queue.repo.ts";

interface RedriveDeps {
  jobs: Pick<JobsRepo, "find">;
  images: Pick<ImagesRepo, "restart" | "onDemandJobsOf" | "addOnDemand">;
  commit: Commit;
  /** The request that is being answered. */
  origin: WorkOrigin;
}

/** What one call redrives: a job takes three questions to the database, and a request may ask 50. */
const JOBS_PER_CALL = 15;

const UNKNOWN = fail("not_found", "There is no such job.");
const OVERTAKEN = fail("conflict", "It has not failed, or somebody has tried again since.");

/** Makes a new job in place of one that failed. The failed one stays as it is. */
export async function redriveJob(
  deps: RedriveDeps,
  actor: Actor,
  jobId: string,
): Promise<Result<Job, "not_found" | "conflict">> {
  const whole = await deps.jobs.find(jobId);
  if (whole === null) return UNKNOWN;
  if (whole.job.status !== "failed") return OVERTAKEN;
  const isEager = whole.job.kind === "eager";
  const redriven = await (isEager ? redriveEager(deps, actor, whole) : redriveOnDemand(deps, actor, whole));
  // Its photo may have been deleted meanwhile, and the job with it.
  return redriven.ok || (await deps.jobs.find(jobId)) !== null ? redriven : UNKNOWN;
}

/** The same for the oldest of those that failed, or of those that failed for one reason. */
export async function redriveJobs(
  deps: RedriveDeps & { queue: Pick<QueueRepo, "redrivable"> },
  actor: Actor,
  errorCode: string | undefined,
): Promise<RedriveResult> {
  const { ids, all } = await deps.queue.redrivable(errorCode, JOBS_PER_CALL);
  let redriven = 0;
  for (const id of ids) if ((await redriveJob(deps, actor, id)).ok) redriven += 1;
  return { redriven, left: all - ids.length };
}

async function redriveEager(
  deps: RedriveDeps,
  actor: Actor,
  { job, image }: WholeJob,
): Promise<Result<Job, "conflict">> {
  if (image.errorCode === ORIGINAL_LOST) return fail("conflict", "The bytes of this photo are lost.");
  if (image.status !== "failed" || image.generation !== job.generation) return OVERTAKEN;
  const next = newJob({ id: image.id, generation: image.generation + 1 }, "eager", job.formats, deps.origin);
  const event = redriven(actor, job, next, image.userId);
  return (await deps.commit(() => deps.images.restart(image, next, event))) ? ok(next) : OVERTAKEN;
}

async function redriveOnDemand(
  deps: RedriveDeps,
  actor: Actor,
  { job, image }: WholeJob,
): Promise<Result<Job, "conflict">> {
  const all = await deps.images.onDemandJobsOf(image.id);
  if (all.some(({ status }) => status !== "failed") || all[0]?.id !== job.id) return OVERTAKEN;
  const next = newJob(image, "on_demand", job.formats, deps.origin);
  const event = redriven(actor, job, next, image.userId);
  return (await deps.commit(() => deps.images.addOnDemand(next, all.length, event))) ? ok(next) : OVERTAKEN;
}

function redriven(actor: Actor, failed: Job, next: Job, owner: string) {
  return newEvent(actor, {
    type: "job.redriven",
    account: SYSTEM_ACCOUNT,
    resource: next.id,
    sequence: 1,
    metadata: { failedJob: failed.id, image: failed.imageId, owner },
  });
}
