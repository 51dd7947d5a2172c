import type { Subscriber } from "../../../shared/contracts/events.ts";
import type { LoggedEvent } from "../../../shared/contracts/rpc.ts";
import type { ObjectOutbox } from "../../../shared/outbox/object-store.ts";
import { EntriesRepo } from "./entries.repo.ts";
import type { Env } from "./env.ts";
import { eraseIn } from "./erase-in.ts";
import { entryOf } from "./view.ts";

/** How many entries one call hands over: one D1 batch of the receiver. */
const PAGE_SIZE = 100;

/**
 * So long after a page the next one waits, unless it is full: what a log writes all the time leaves in few pages, of which
 * each costs its receivers the same. What is written now and then leaves at once.
 */
const PAGE_GAP_MS = 250;

/**
 * For how long a page under way keeps others from handing the same rows over. A time, because nobody may wait for
 * another's call: one that hangs blocks its subscriber no longer than this.
 */
const PAGE_SLOT_MS = 10_000;

/** Digits enough for every index that an object can hold. */
const INDEX_DIGITS = 12;

/** Takes entries over for a subscriber; returning is the acknowledgement, throwing means that it is away. */
type Receiver = (env: Env, events: LoggedEvent[]) => Promise<void>;

/**
 * Search and webhooks keep events, so they erase in the same turn in which they take them over: by then they hold
 * everything that came before the account's end.
 */
const RECEIVERS: Record<Subscriber, Receiver> = {
  search: async (env, events) => {
    await new EntriesRepo(env.DB).insert(events.map(entryOf));
    await eraseIn(env, "audit", events);
  },
  webhooks: async (env, events) => {
    await env.WEBHOOKS.acceptEvents(events);
    await eraseIn(env, "webhooks", events);
  },
  auth: (env, events) => eraseIn(env, "auth", events),
  images: (env, events) => eraseIn(env, "images", events),
  orders: (env, events) => eraseIn(env, "orders", events),
};

const receivers = new Map<string, Receiver>(Object.entries(RECEIVERS));

/**
 * Entries leave in the order of the log, not of their ids: services whose events wait differently long append older
 * ids later. A subscriber therefore always holds a beginning of the log and may page by index.
 */
export function outboxKey(event: LoggedEvent): string {
  return String(event.index).padStart(INDEX_DIGITS, "0");
}

/** Hands what one log has written over to the subscribers. */
export class HandOver {
  readonly #env: Env;
  readonly #outbox: ObjectOutbox<LoggedEvent>;
  /** Until when a topic's page is under way (Unix milliseconds). */
  readonly #busyUntil = new Map<string, number>();
  /** When a topic's last page left (Unix milliseconds). */
  readonly #leftAt = new Map<string, number>();

  constructor(env: Env, outbox: ObjectOutbox<LoggedEvent>) {
    this.#env = env;
    this.#outbox = outbox;
  }

  /**
   * Hands everything that waits for one subscriber over, page by page; also what is added meanwhile.
   * Returns at once when that is happening already. Throws when the subscriber is away.
   */
  async deliver(topic: string): Promise<void> {
    const receive = receivers.get(topic);
    if (receive === undefined) throw new Error(`Nobody receives ${topic}.`);
    if (Date.now() < (this.#busyUntil.get(topic) ?? 0)) return;
    try {
      await this.#deliverPages(topic, receive);
    } finally {
      this.#busyUntil.delete(topic);
    }
  }

  async #deliverPages(topic: string, receive: Receiver): Promise<void> {
    for (;;) {
      this.#busyUntil.set(topic, Date.now() + PAGE_SLOT_MS);
      const page = await this.#gather(topic);
      if (page.length === 0) return;
      this.#leftAt.set(topic, Date.now());
      await receive(this.#env, page);
      const left = this.#outbox.settle(topic, { appended: page.map(outboxKey), refused: [] });
      // Rows that stand under other keys would be handed over without end.
      if (left === 0) throw new Error(`What ${topic} took over did not leave the outbox.`);
    }
  }

  /** The next page: at once where it is full or the last one left long ago, otherwise when it has had time to fill. */
  async #gather(topic: string): Promise<LoggedEvent[]> {
    const page = this.#outbox.next(topic, PAGE_SIZE);
    const dueMs = (this.#leftAt.get(topic) ?? 0) + PAGE_GAP_MS - Date.now();
    // Further away than that lies no page: the clock went back.
    if (page.length === 0 || page.length === PAGE_SIZE || dueMs <= 0 || dueMs > PAGE_GAP_MS) return page;
    await scheduler.wait(dueMs);
    return this.#outbox.next(topic, PAGE_SIZE);
  }
}
