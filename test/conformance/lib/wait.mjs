import { setTimeout as pause } from "node:timers/promises";
import { Mismatch } from "./expect.mjs";

const FIRST_PAUSE_MS = 100;
const PAUSE_GROWTH = 1.5;
const PAUSE_MAX_MS = 1_000;

export function sleep(ms) {
  return pause(ms);
}

/**
 * Asks again with growing pauses until the answer is there.
 * @param ask returns the awaited thing, or null while it is not there
 * @throws Mismatch when patience ends
 */
export async function waitFor(what, patienceMs, ask) {
  const deadline = Date.now() + patienceMs;
  let pauseMs = FIRST_PAUSE_MS;
  for (;;) {
    const found = await ask();
    if (found !== null) return found;
    if (Date.now() + pauseMs > deadline) throw new Mismatch(what, `it within ${patienceMs / 1_000} s`, "nothing");
    await sleep(pauseMs);
    pauseMs = Math.min(pauseMs * PAUSE_GROWTH, PAUSE_MAX_MS);
  }
}
