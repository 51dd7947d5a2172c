/** Failures older than this are forgiven. */
export const WINDOW_MS = 15 * 60_000;
/** A login that has not ended after this long never will: the gateway gives up after ten seconds. */
const PENDING_MAX_MS = 60_000;
/** When to come again if only logins that run at this moment are in the way. */
const PENDING_RETRY_MS = 1_000;

/** Whether a login may go on. Times are milliseconds. */
export type Turn = { isGiven: true; attempt: string } | ({ isGiven: false } & Block);

export interface Block {
  retryAfterMs: number;
  /** True once for each block, so that it can be told of once. */
  isFirst: boolean;
}

export interface WindowState {
  /** When each failure in the window happened (Unix milliseconds), oldest first. */
  failures: number[];
  /** The failure that began the block which was told of last. */
  toldOf: number | null;
}

/**
 * Counts failed attempts in a sliding window. An attempt takes one of the places before the password is looked at and
 * gives it back when it was right, so that any number of simultaneous guesses gets no more of them than guesses one by
 * one.
 */
export class FailureWindow {
  #failures: number[];
  /** Attempts that have not ended, and since when. They die with the process, as the attempts themselves do. */
  readonly #pending = new Map<string, number>();
  #toldOf: number | null;

  constructor({ failures, toldOf }: WindowState) {
    this.#failures = failures;
    this.#toldOf = toldOf;
  }

  /** What is to be kept. */
  get state(): WindowState {
    return { failures: this.#failures, toldOf: this.#toldOf };
  }

  take(attempt: string, limit: number, now: number): Turn {
    this.#forget(now);
    const [oldest] = this.#failures.slice(-limit);
    if (oldest !== undefined && this.#failures.length >= limit) return this.#block(oldest, now);
    if (this.#failures.length + this.#pending.size >= limit) {
      return { isGiven: false, retryAfterMs: PENDING_RETRY_MS, isFirst: false };
    }
    this.#pending.set(attempt, now);
    return { isGiven: true, attempt };
  }

  end(attempt: string, hasFailed: boolean, now: number): void {
    this.#pending.delete(attempt);
    if (hasFailed) this.#failures.push(now);
  }

  isEmpty(now: number): boolean {
    this.#forget(now);
    return this.#failures.length === 0;
  }

  #block(oldest: number, now: number): Turn {
    const newest = this.#failures.at(-1) ?? oldest;
    const isFirst = this.#toldOf !== newest;
    this.#toldOf = newest;
    return { isGiven: false, retryAfterMs: oldest + WINDOW_MS - now, isFirst };
  }

  #forget(now: number): void {
    this.#failures = this.#failures.filter((at) => now - at < WINDOW_MS);
    for (const [attempt, since] of this.#pending) {
      if (now - since >= PENDING_MAX_MS) this.#pending.delete(attempt);
    }
  }
}
