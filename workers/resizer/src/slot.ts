/**
 * A job that nothing was seen of for so long counts as gone. Images answers within milliseconds, and while a job
 * computes nobody else in the isolate can look, however long it takes.
 */
const SILENCE_MS = 2_500;

/** Proves who took the slot, so that a job thought gone cannot free it from under its successor. */
export interface Ticket {
  /** How many signs of life the job has given. */
  signs: number;
}

/** What somebody saw who found the slot taken. */
interface Look {
  signs: number;
  /** Unix milliseconds. */
  at: number;
}

/**
 * The one place for a job in this isolate. Whoever finds it taken comes again: when the runtime ends an invocation, no
 * code of it runs any more, and whoever waited for its promise would wait for ever.
 *
 * That a job is gone is seen by those who come: twice the same count of signs, with time between. A time that the job
 * itself set would not do, because a Worker's clock stands still while it computes. A job that is slow, not gone, works
 * on beside its successor; it has a kernel of its own.
 */
export class Slot {
  #holder: Ticket | null = null;
  #look: Look | null = null;

  /**
   * @param now Unix milliseconds
   * @returns a ticket, or null while another job holds the slot
   */
  take(now: number): Ticket | null {
    if (this.#holder !== null && !this.#isSilent(this.#holder, now)) return null;
    this.#look = null;
    this.#holder = { signs: 0 };
    return this.#holder;
  }

  /** A sign of life. */
  sign(ticket: Ticket): void {
    ticket.signs += 1;
  }

  free(ticket: Ticket): void {
    if (this.#holder === ticket) this.#holder = null;
  }

  #isSilent({ signs }: Ticket, now: number): boolean {
    if (this.#look?.signs !== signs) {
      this.#look = { signs, at: now };
      return false;
    }
    return now - this.#look.at >= SILENCE_MS;
  }
}
