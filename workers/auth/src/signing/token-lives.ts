import type { Settings } from "../env.ts";

/** A token made from a cookie or key is used for a minute; in its second one it only has to arrive. */
export const EXCHANGED_TOKEN_MS = 120_000;
export const EXCHANGED_FRESH_MS = 60_000;

/** Clocks differ by less than this, the tolerance of whoever verifies included. */
const SKEW_MS = 60_000;

/**
 * After this long nothing that was signed before is good any more, in milliseconds. Whoever shortens a lifetime in the
 * settings shortens it for the tokens to come: those out there outlive it by the difference.
 */
export function longestTokenLifeMs(settings: Pick<Settings, "JWT_ACCESS_EXPIRE" | "LEGACY_TOKEN_EXPIRE">): number {
  return Math.max(settings.JWT_ACCESS_EXPIRE, settings.LEGACY_TOKEN_EXPIRE, EXCHANGED_TOKEN_MS) + SKEW_MS;
}
