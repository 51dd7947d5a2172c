import { DurableObject } from "cloudflare:workers";
import { type Decision, decide } from "./gcra.ts";

/**
 * Counts exactly, for one policy and one caller. It lives in memory only; an eviction gives the caller one burst back,
 * which is cheaper than a write for every request.
 */
export class RateLimiter extends DurableObject {
  #emptyAt = 0;

  /** @param limit requests per minute */
  take(limit: number): Decision {
    const { decision, emptyAt } = decide(this.#emptyAt, limit, Date.now());
    this.#emptyAt = emptyAt;
    return decision;
  }
}
