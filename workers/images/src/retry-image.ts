import type { WorkOrigin } from "../../../shared/contracts/rpc.ts";
import type { Commit } from "../../../shared/outbox/commit.ts";
import { fail, ok, type Result } from "../../../shared/result.ts";
import type { ImagesRepo } from "./images.repo.ts";
import { newJob } from "./ingest.ts";
import type { Image, Job } from "./schema.ts";

interface RetryImageDeps {
  images: Pick<ImagesRepo, "restart">;
  commit: Commit;
  /** The request that is being answered. */
  origin: WorkOrigin;
}

/** Opens a new job for an image whose sizes could not be made. */
export async function retryImage(deps: RetryImageDeps, image: Image): Promise<Result<Job, "conflict">> {
  const notFailed = fail("conflict", "Only an image that failed can be tried again.");
  if (image.status !== "failed") return notFailed;
  const job = newJob({ id: image.id, generation: image.generation + 1 }, deps.origin);
  const restarted = await deps.commit(() => deps.images.restart(image, job));
  return restarted ? ok(job) : notFailed;
}
