/** What a policy says to one request. */
export interface Decision {
  allowed: boolean;
  /** How many more may come at once. */
  remaining: number;
  /** Milliseconds until the next one may come; 0 when it may come now. */
  retryAfterMs: number;
  /** Milliseconds until the whole limit is there again. */
  resetMs: number;
}

const WINDOW_MS = 60_000;

/**
 * The generic cell rate algorithm (ITU-T I.371): `limit` requests a minute, all of which may come at once.
 *
 * @param emptyAt when the caller's bucket will be empty again (Unix milliseconds), the algorithm's only state
 * @returns the decision and the new state
 */
export function decide(emptyAt: number, limit: number, now: number): { decision: Decision; emptyAt: number } {
  const perRequestMs = WINDOW_MS / limit;
  const filledUntil = Math.max(emptyAt, now) + perRequestMs;
  const roomMs = WINDOW_MS - (filledUntil - now);
  if (roomMs < 0) {
    return { emptyAt, decision: { allowed: false, remaining: 0, retryAfterMs: -roomMs, resetMs: emptyAt - now } };
  }
  const remaining = Math.floor(roomMs / perRequestMs);
  return {
    emptyAt: filledUntil,
    decision: { allowed: true, remaining, retryAfterMs: 0, resetMs: filledUntil - now },
  };
}
