/**
 * How long auth's word counts. A session of somebody who was erased is refused within five seconds too, and what they
 * order until then goes the way of their older orders: the erasure comes later and finds it.
 */
const KNOWN_MS = 5_000;
/** More are forgotten, the longest known first: a few hundred kilobytes. */
const KNOWN_MAX = 2_000;

/** Who existed a moment ago. Only "yes" is remembered: somebody unknown is asked about each time. */
export class KnownCustomers {
  /** Until when each is known (Unix milliseconds), in the order in which they became so. */
  readonly #until = new Map<string, number>();

  /** Whether a user exists, by memory or by `ask`. Throws what `ask` throws. */
  async exists(userId: string, ask: () => Promise<boolean>): Promise<boolean> {
    if ((this.#until.get(userId) ?? 0) > Date.now()) return true;
    const askedAt = Date.now();
    const exists = await ask();
    this.#until.delete(userId);
    if (exists) this.#remember(userId, askedAt + KNOWN_MS);
    return exists;
  }

  #remember(userId: string, until: number) {
    const [oldest] = this.#until.keys();
    if (this.#until.size >= KNOWN_MAX && oldest !== undefined) this.#until.delete(oldest);
    this.#until.set(userId, until);
  }
}
