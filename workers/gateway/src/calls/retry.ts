/** How often a call is tried again at most. */
export const RETRIES_MAX = 2;
/** One retry for ten calls: when everything fails, retries must not double the load of what is failing. */
const EARNED_PER_CALL = 0.1;
/** Saved up at most, and there at the start, so that a quiet gateway retries too. */
const SAVED_MAX = 10;
/** The longest wait before the first retry; it doubles with each. */
const BASE_MS = 100;

/** How many retries a service may still cost (a retry budget, as in Finagle and gRPC's retry throttling). */
export class RetryBudget {
  #saved = SAVED_MAX;

  earn(): void {
    this.#saved = Math.min(SAVED_MAX, this.#saved + EARNED_PER_CALL);
  }

  /** Whether one more retry may be made; a yes spends it. */
  spend(): boolean {
    if (this.#saved < 1) return false;
    this.#saved -= 1;
    return true;
  }
}

/**
 * How long to wait before a retry: anything up to a bound that doubles ("full jitter"), so that callers that failed
 * together do not come back together.
 * @param retry 1 for the first
 */
export function retryDelayMs(retry: number): number {
  return Math.random() * BASE_MS * 2 ** (retry - 1);
}
