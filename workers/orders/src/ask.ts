import type { Breaker } from "../../../shared/breaker.ts";
import { within } from "../../../shared/within.ts";

/** How long one try may take. All of them fit into half of the time that the gateway gives an order. */
const PATIENCE_MS = 900;
const TRIES = 2;
/** The longest pause between two tries; its length is drawn, so that callers that failed together do not come back so. */
const PAUSE_MS = 100;

/**
 * Asks another service something that may be asked twice. Throws when it does not say: in time, or at once while it is
 * given up.
 */
export async function ask<Answer>(breaker: Breaker, question: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    const beganAt = Date.now();
    if (!breaker.admits(beganAt)) throw new Error("given up for the moment");
    try {
      const answer = await within(PATIENCE_MS, question());
      breaker.record(beganAt, false, Date.now());
      return answer;
    } catch (error) {
      breaker.record(beganAt, true, Date.now());
      if (tries === TRIES) throw error;
    }
    await scheduler.wait(Math.random() * PAUSE_MS);
  }
}
