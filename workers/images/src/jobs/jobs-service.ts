import { WorkerEntrypoint } from "cloudflare:workers";
import type { JobFailure, JobsApi, Placeholder, StoredVariant } from "../../../../shared/contracts/rpc.ts";
import { createLogger } from "../../../../shared/log.ts";
import { committer, RELAY_NAME } from "../../../../shared/outbox/commit.ts";
import { type Env, readSettings } from "../env.ts";
import { Objects } from "../storage/objects.ts";
import type { JobDeps } from "./attempt.ts";
import { claimJob } from "./claim-job.ts";
import { completeJob } from "./complete-job.ts";
import { failJob } from "./fail-job.ts";
import { JobsRepo } from "./jobs.repo.ts";
import { openOriginal, storeVariant } from "./store-variant.ts";

/** The resizer's door. The bucket is this service's alone, so the resizer moves its bytes through here. */
export class JobsService extends WorkerEntrypoint<Env> implements JobsApi {
  claimJob(jobId: string) {
    return claimJob(this.#deps(), jobId);
  }

  openOriginal(jobId: string, attemptId: string) {
    return openOriginal(this.#deps(), jobId, attemptId);
  }

  storeVariant(jobId: string, attemptId: string, variant: StoredVariant, bytes: Uint8Array) {
    return storeVariant(this.#deps(), jobId, attemptId, variant, bytes);
  }

  completeJob(jobId: string, attemptId: string, placeholder: Placeholder) {
    return completeJob(this.#deps(), jobId, attemptId, placeholder);
  }

  failJob(jobId: string, attemptId: string, failure: JobFailure) {
    return failJob(this.#deps(), jobId, attemptId, failure);
  }

  #deps(): JobDeps {
    const settings = readSettings(this.env);
    return {
      jobs: new JobsRepo(this.env.DB),
      objects: new Objects(this.env.BUCKET),
      commit: committer(this.env.RELAY.getByName(RELAY_NAME), this.ctx),
      leaseMs: settings.JOB_LEASE_MS,
      storagePath: settings.STORAGE_PATH,
      log: createLogger(settings),
    };
  }
}
