const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** How long to wait after each failed attempt of a delivery; the last holds from then on. */
const WAITS_MS = [
  5 * SECOND_MS,
  30 * SECOND_MS,
  2 * MINUTE_MS,
  10 * MINUTE_MS,
  HOUR_MS,
  3 * HOUR_MS,
  6 * HOUR_MS,
  12 * HOUR_MS,
  24 * HOUR_MS,
];
/** What failed together is not tried again together. */
const JITTER = 0.2;
/** A receiver may ask for more patience than that, but not for more than this. */
const RETRY_AFTER_MAX_MS = 24 * HOUR_MS;
/** A weekend and a day: after that a delivery is set aside, and a webhook that took nothing is disabled. */
export const GIVEN_UP_AFTER_MS = 72 * HOUR_MS;

/**
 * When to try a delivery again.
 * @param tries how often it has failed, from 1
 * @param retryAfter the answer's `Retry-After` (RFC 9110 §10.2.3), null where it had none
 * @param chance from 0 to 1
 * @returns Unix milliseconds
 */
export function nextTryAt(now: number, tries: number, retryAfter: string | null, chance = Math.random()): number {
  const wait = WAITS_MS[Math.min(tries, WAITS_MS.length) - 1] ?? 0;
  const asked = Math.min(retryAfterMs(now, retryAfter), RETRY_AFTER_MAX_MS);
  return now + Math.max(asked, Math.round(wait * (1 + JITTER * chance)));
}

/** How long a receiver asks to be left alone, in milliseconds; 0 where it says nothing that can be read. */
function retryAfterMs(now: number, text: string | null): number {
  if (text === null) return 0;
  if (/^\d+$/.test(text.trim())) return Number(text) * SECOND_MS;
  const date = Date.parse(text);
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}
