import { createLogger } from "../../../shared/log.ts";
import type { JobDeps } from "../../../workers/images/src/jobs/attempt.ts";
import { JobsRepo } from "../../../workers/images/src/jobs/jobs.repo.ts";
import { Objects } from "../../../workers/images/src/storage/objects.ts";
import { env } from "./photos.ts";

/**
 * The same thing, but that something else happens between two steps of whoever uses it: once, before its method answers
 * for the first time.
 */
export function meanwhile<Target extends object>(
  target: Target,
  method: keyof Target,
  happens: () => Promise<unknown>,
): Target {
  let hasHappened = false;
  return new Proxy(target, {
    get(_, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return async (...args: unknown[]) => {
        const answer: unknown = await value.apply(target, args);
        if (name !== method || hasHappened) return answer;
        hasHappened = true;
        await happens();
        return answer;
      };
    },
  });
}

/** What an attempt at a job works with when something happens behind a look of its own at the jobs. */
export function jobDepsWhen(method: keyof JobsRepo, happens: () => Promise<unknown>): JobDeps {
  return {
    jobs: meanwhile(new JobsRepo(env.DB), method, happens),
    objects: new Objects(env.BUCKET),
    commit: (write) => write(),
    leaseMs: 60_000,
    storagePath: "",
    log: createLogger(env),
  };
}
