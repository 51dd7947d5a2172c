import type { Channel } from "../../../../shared/outbox/relay.do.ts";
import { within } from "../../../../shared/within.ts";
import type { LiveUpdate } from "../schema.ts";
import { KEPT_MS } from "./feed-log.repo.ts";
import type { LiveUpdatesRepo } from "./live-updates.repo.ts";

/** How often one call looks again for what came meanwhile. The alarm does the rest. */
const ROUNDS_MAX = 20;

/** The part of a user's feed that is needed. Updates that it has already change nothing. */
interface Publisher {
  publish(updates: LiveUpdate[]): Promise<void>;
}

/**
 * Brings what happened to photos into their owners' feeds, in the order in which it was committed, and forgets it only
 * then. So nothing is lost by whatever dies in between.
 */
export class FeedChannel implements Channel {
  readonly #updates: Pick<LiveUpdatesRepo, "next" | "forget">;
  readonly #feedOf: (userId: string) => Publisher;
  readonly #leaseMs: number;
  readonly #now: () => number;
  /** Until when a delivery counts as under way (Unix milliseconds): one that was cancelled never says that it ended. */
  #busyUntil = 0;
  #isAskedAgain = false;

  constructor(
    updates: Pick<LiveUpdatesRepo, "next" | "forget">,
    feedOf: (userId: string) => Publisher,
    leaseMs: number,
    now = Date.now,
  ) {
    this.#updates = updates;
    this.#feedOf = feedOf;
    this.#leaseMs = leaseMs;
    this.#now = now;
  }

  async announce(): Promise<boolean> {
    // Every commit asks for one: while one is under way, all of them together are one more round of it.
    if (this.#now() < this.#busyUntil) {
      this.#isAskedAgain = true;
      return true;
    }
    try {
      for (let round = 0; round < ROUNDS_MAX; round++) {
        this.#busyUntil = this.#now() + this.#leaseMs;
        this.#isAskedAgain = false;
        const delivered = await this.#deliver();
        if (delivered === 0 && !this.#isAskedAgain) return false;
      }
      return true;
    } finally {
      this.#busyUntil = 0;
    }
  }

  /** @returns how many updates there were. Throws when a feed did not take its own in time, which are then tried again. */
  async #deliver(): Promise<number> {
    const updates = await this.#updates.next();
    if (updates.length === 0) return 0;
    const byUser = Map.groupBy(updates, ({ userId }) => userId);
    const calls = await Promise.allSettled(
      [...byUser].map(async ([userId, theirs]) => {
        await within(this.#leaseMs, this.#feedOf(userId).publish(theirs));
        return theirs.map(({ id }) => id);
      }),
    );
    const delivered = calls.flatMap((call) => (call.status === "fulfilled" ? call.value : []));
    // What a feed refused for as long as it would have kept it must not stand before everybody else's for ever.
    await this.#updates.forget(delivered, this.#now() - KEPT_MS);
    const failed = calls.find((call) => call.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    return updates.length;
  }
}
