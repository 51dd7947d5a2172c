/** Longer than any job takes: its CPU limit is 60 s. After this a job that never came back counts as gone. */
const DEADLINE_MS = 90_000;

/** Proves who took the slot, so that a job thought gone cannot free it from under its successor. */
export type Ticket = { readonly busyUntil: number };

/**
 * The one place for a job in this isolate. It is a time, not a promise: when the runtime ends an invocation, no code
 * of it runs any more, and whoever waited for its promise would wait for ever. Busy means "come again".
 */
export class Slot {
  #holder: Ticket | null = null;

  /** @returns a ticket, or null while another job holds the slot */
  take(now: number): Ticket | null {
    if (this.#holder !== null && now < this.#holder.busyUntil) return null;
    this.#holder = { busyUntil: now + DEADLINE_MS };
    return this.#holder;
  }

  free(ticket: Ticket): void {
    if (this.#holder === ticket) this.#holder = null;
  }
}
