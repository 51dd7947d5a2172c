import { JWKS_USABLE_MS } from "../../../../shared/http/access-token.ts";
import type { StoredKey } from "./keys.repo.ts";
import { SIGNER_FRESH_MS } from "./signing-key.ts";

/** A key signs for this long. What a stolen one could be used for ends with it. */
export const ROTATE_EVERY_MS = 30 * 86_400_000;
/** A key is published this long before it signs: by then no cache holds a key set without it, in no Worker and nowhere else. */
export const PUBLISH_AHEAD_MS = JWKS_USABLE_MS;

/** What is to happen to the keys, and from when on (Unix milliseconds). */
export type KeyStep =
  | { step: "publish_next"; at: number }
  | { step: "promote"; kid: string; at: number }
  | { step: "retire"; kid: string; at: number };

/**
 * The steps that lie ahead of a set of keys, soonest first. There is always one: the current key will be followed.
 * @param tokenLifeMs after this long no token is good any more that was signed before
 */
export function stepsAhead(keys: readonly StoredKey[], tokenLifeMs: number): KeyStep[] {
  const hasNext = keys.some(({ state }) => state === "next");
  const steps = keys.flatMap((key) => stepOf(key, hasNext, tokenLifeMs) ?? []);
  return steps.sort((one, other) => one.at - other.at);
}

function stepOf({ kid, state, since }: StoredKey, hasNext: boolean, tokenLifeMs: number): KeyStep | null {
  switch (state) {
    case "next":
      return { step: "promote", kid, at: since + PUBLISH_AHEAD_MS };
    case "current":
      return hasNext ? null : { step: "publish_next", at: since + ROTATE_EVERY_MS - PUBLISH_AHEAD_MS };
    case "previous":
      // Isolates may have gone on signing with it for as long as they hold a key.
      return { step: "retire", kid, at: since + SIGNER_FRESH_MS + tokenLifeMs };
  }
}
