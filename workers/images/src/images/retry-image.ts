import type { WorkOrigin } from "../../../../shared/contracts/rpc.ts";
import type { VariantFormat } from "../../../../shared/contracts/variants.ts";
import type { Commit } from "../../../../shared/outbox/commit.ts";
import { fail, ok, type Result } from "../../../../shared/result.ts";
import { ORIGINAL_LOST } from "../consistency/lose-original.ts";
import type { Image, Job } from "../schema.ts";
import { newJob } from "../uploads/ingest.ts";
import type { ImagesRepo } from "./images.repo.ts";
import { retryJpeg } from "./order-jpeg.ts";

interface RetryImageDeps {
  images: Pick<ImagesRepo, "find" | "restart" | "onDemandJobsOf" | "addOnDemand">;
  commit: Commit;
  /** What the sizes are to be stored as. */
  formats: VariantFormat[];
  /** The request that is being answered. */
  origin: WorkOrigin;
}

/** Opens a new job for an image whose sizes could not be made, or not as JPEG. */
export async function retryImage(deps: RetryImageDeps, image: Image): Promise<Result<Job, "conflict" | "not_found">> {
  const retried = await restart(deps, image);
  if (retried.ok || (await deps.images.find(image.id)) !== null) return retried;
  return fail("not_found", "Somebody deleted it meanwhile.");
}

async function restart(deps: RetryImageDeps, image: Image): Promise<Result<Job, "conflict">> {
  if (image.status === "complete") return retryJpeg(deps, image);
  const notFailed = fail("conflict", "Only what failed can be tried again.");
  if (image.status !== "failed") return notFailed;
  if (image.errorCode === ORIGINAL_LOST) return fail("conflict", "The bytes of this photo are lost. Upload it again.");
  const job = newJob({ id: image.id, generation: image.generation + 1 }, "eager", deps.formats, deps.origin);
  const restarted = await deps.commit(() => deps.images.restart(image, job));
  return restarted ? ok(job) : notFailed;
}
