import { originFields } from "../../../../shared/http/trace.ts";
import type { Logger } from "../../../../shared/log.ts";
import type { Commit } from "../../../../shared/outbox/commit.ts";
import { fail } from "../../../../shared/result.ts";
import type { Objects } from "../storage/objects.ts";
import type { FailureNote, JobsRepo, WholeJob } from "./jobs.repo.ts";

/** What the use cases of the resizer's door work with. */
export interface JobDeps {
  jobs: JobsRepo;
  objects: Objects;
  commit: Commit;
  /** Milliseconds without a sign of life after which an attempt counts as dead. */
  leaseMs: number;
  storagePath: string;
  log: Logger;
}

/** After this many claims without success the photo itself must be what breaks the resizer. */
export const MAX_ATTEMPTS = 5;

/** A rename may come between the look at a job and its end, but hardly again and again. After these it is the lease's turn. */
export const TRIES_TO_END = 3;

/** What is noted where the last attempt did not succeed either. */
export function outOfAttempts(attempts: number, lastReason: string): FailureNote {
  return {
    code: "out_of_attempts",
    detail: `The sizes of this image could not be made in ${attempts} tries; at the last one ${lastReason}.`,
  };
}

/** Whose act the system's work on an owner's photo is: nobody is at the keyboard, but somebody's request began it. */
export function ownersWork({ job, file }: WholeJob) {
  return { userId: file.userId, sessionId: null, keyId: null, ip: null, userAgent: null, requestId: job.requestId };
}

/** A log of an attempt, in the name of the request that made its job. */
export function logOf(deps: JobDeps, { job }: WholeJob): Logger {
  return deps.log.with({ ...originFields(job), jobId: job.id, imageId: job.imageId, attempt: job.attempts });
}

export function attemptLost() {
  return fail("attempt_lost", "The job is in other hands now, or the image was deleted.");
}
