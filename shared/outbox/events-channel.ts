import type { EventSource, EventsWaiting } from "../contracts/rpc.ts";
import type { D1OutboxStore } from "./d1-store.ts";
import type { Channel } from "./relay.do.ts";

/** Writers that commit within this time share one message. */
const GATHER_MS = 20;

/** Tells audit that a service's database holds events: a message without content, at most one per lease. */
export class EventsChannel implements Channel {
  readonly #service: EventSource;
  readonly #store: D1OutboxStore;
  readonly #queue: Queue<EventsWaiting>;
  readonly #leaseMs: number;
  #announcedAt = 0;

  constructor(service: EventSource, store: D1OutboxStore, queue: Queue<EventsWaiting>, leaseMs: number) {
    this.#service = service;
    this.#store = store;
    this.#queue = queue;
    this.#leaseMs = leaseMs;
  }

  async announce(): Promise<boolean> {
    if (Date.now() - this.#announcedAt < this.#leaseMs) return true;
    this.#announcedAt = Date.now();
    await scheduler.wait(GATHER_MS);
    if (!(await this.#store.hasWaiting())) {
      this.#announcedAt = 0;
      return false;
    }
    await this.#queue.send({ service: this.#service, object: null });
    return true;
  }

  /** A take has begun: what is committed from now on may be announced at once. */
  taken(): void {
    this.#announcedAt = 0;
  }
}
