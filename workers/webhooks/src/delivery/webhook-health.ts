import { GIVEN_UP_AFTER_MS } from "./retry-times.ts";

/** How the attempts at one webhook go, all deliveries together. Times are Unix milliseconds. */
export interface WebhookHealth {
  /** Failed attempts since the last one that was taken. */
  failures: number;
  /** Since when nothing was taken, null while things are well. */
  failingSince: number | null;
  /** Before then nothing is tried. */
  restsUntil: number;
}

export const WELL: WebhookHealth = { failures: 0, failingSince: null, restsUntil: 0 };

/** Deliveries under way at one time. A Worker may have six connections waiting for an answer. */
const PARALLEL = 4;
/** So many failures without a success are no accident: from then on one delivery at a time is tried, now and then. */
const TRIPS_AT = 8;
const FIRST_REST_MS = 15_000;
const LONGEST_REST_MS = 300_000;

/** How many deliveries may be under way. */
export function slotsOf({ failures }: WebhookHealth): number {
  return failures >= TRIPS_AT ? 1 : PARALLEL;
}

/** Whether only trials are made, because nothing arrives. */
export function isResting({ failures }: WebhookHealth): boolean {
  return failures >= TRIPS_AT;
}

export function afterFailure({ failures, failingSince }: WebhookHealth, now: number): WebhookHealth {
  const soFar = failures + 1;
  const rest = soFar < TRIPS_AT ? 0 : Math.min(FIRST_REST_MS * 2 ** (soFar - TRIPS_AT), LONGEST_REST_MS);
  return { failures: soFar, failingSince: failingSince ?? now, restsUntil: now + rest };
}

/** Whether a webhook has taken nothing for so long that nobody waits for it any more. */
export function isHopeless({ failures, failingSince }: WebhookHealth, now: number): boolean {
  return failures >= TRIPS_AT && failingSince !== null && now - failingSince > GIVEN_UP_AFTER_MS;
}
