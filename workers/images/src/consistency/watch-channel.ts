import type { Channel } from "../../../../shared/outbox/relay.do.ts";
import type { ConsistencyCheck } from "./consistency-check.do.ts";

/**
 * Wakes the daily check where it has never run: nothing else happens by itself in a new deployment, and the relay runs
 * as soon as something is written. Once for each life of the relay is enough.
 */
export class WatchChannel implements Channel {
  readonly #check: Pick<ConsistencyCheck, "keepWatch">;
  #isAwake = false;

  constructor(check: Pick<ConsistencyCheck, "keepWatch">) {
    this.#check = check;
  }

  async announce(): Promise<boolean> {
    if (this.#isAwake) return false;
    await this.#check.keepWatch();
    this.#isAwake = true;
    return false;
  }
}
