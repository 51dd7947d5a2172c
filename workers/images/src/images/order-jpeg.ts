import type { WorkOrigin } from "../../../../shared/contracts/rpc.ts";
import type { Commit } from "../../../../shared/outbox/commit.ts";
import { type Failure, fail, ok, type Result } from "../../../../shared/result.ts";
import type { Image, Job } from "../schema.ts";
import { newJob } from "../uploads/ingest.ts";
import type { ImagesRepo } from "./images.repo.ts";

interface OrderJpegDeps {
  images: Pick<ImagesRepo, "onDemandJobsOf" | "addOnDemand">;
  commit: Commit;
  /** The request that is being answered. */
  origin: WorkOrigin;
}

/**
 * Sees to it that the sizes of a complete image are made as JPEG: one job, however many ask at the same time.
 * @returns why they are not there yet: `being_made`, or `not_acceptable` once the job has failed
 */
export async function orderJpeg(deps: OrderJpegDeps, image: Image): Promise<Failure<"being_made" | "not_acceptable">> {
  const jobs = await deps.images.onDemandJobsOf(image.id);
  const [latest] = jobs;
  if (latest !== undefined && haveFailed(jobs)) {
    const detail = `The sizes of this image could not be made as JPEG: ${latest.errorDetail} They exist as WebP.`;
    return { code: "not_acceptable", detail };
  }
  // Where it is not added, somebody else was faster or the image is gone: who asks again is told.
  if (latest === undefined) await deps.commit(() => deps.images.addOnDemand(jpegJob(image, deps.origin), jobs.length));
  return { code: "being_made", detail: "The sizes of this image are being made as JPEG. Ask again in a moment." };
}

/** Opens another job for JPEG that could not be made. */
export async function retryJpeg(deps: OrderJpegDeps, image: Image): Promise<Result<Job, "conflict">> {
  const nothingFailed = fail("conflict", "Only what failed can be tried again.");
  const jobs = await deps.images.onDemandJobsOf(image.id);
  if (jobs.length === 0 || !haveFailed(jobs)) return nothingFailed;
  const job = jpegJob(image, deps.origin);
  const added = await deps.commit(() => deps.images.addOnDemand(job, jobs.length));
  return added ? ok(job) : nothingFailed;
}

/** A failed job stays failed, so jobs that all have failed can only be joined by another. */
function haveFailed(jobs: Job[]): boolean {
  return jobs.every((job) => job.status === "failed");
}

function jpegJob(image: Image, origin: WorkOrigin): Job {
  return newJob(image, "on_demand", ["jpeg"], origin);
}
