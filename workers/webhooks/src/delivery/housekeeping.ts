import type { Figures } from "../webhooks/webhooks.repo.ts";
import type { DeliveriesRepo } from "./deliveries.repo.ts";
import type { QueueMemory } from "./queue-memory.ts";

/** The figures of a busy webhook are written down no more often than this. */
const EVERY_MS = 10_000;

/** What a webhook's queue has to do beside sending: delete what is old, and tell what waits here. */
export class Housekeeping {
  readonly #memory: QueueMemory;
  /** Unix milliseconds; 0 where this instance has not done it yet. */
  #doneAt = 0;
  #isDone = false;

  constructor(memory: QueueMemory) {
    this.#memory = memory;
  }

  /** Something has changed that the figures may tell. */
  demand(): void {
    this.#isDone = false;
  }

  /** When there is something to do next (Unix milliseconds); null in place of what there is not. */
  times(deliveries: DeliveriesRepo, now: number): (number | null)[] {
    const earliest = Math.max(now, this.#doneAt + EVERY_MS);
    const tidyAt = deliveries.nextTidyAt();
    return [tidyAt === null ? null : Math.max(tidyAt, earliest), this.#isDone ? null : earliest];
  }

  /** @returns the figures that are to be reported, null where it is too early or they are known */
  run(deliveries: DeliveriesRepo, now: number): Figures | null {
    if (now - this.#doneAt < EVERY_MS) return null;
    this.#doneAt = now;
    this.#isDone = true;
    deliveries.tidy(now);
    const figures = deliveries.figures();
    return JSON.stringify(figures) === this.#memory.reported ? null : figures;
  }

  noteReported(figures: Figures): void {
    this.#memory.reported = JSON.stringify(figures);
  }
}
