/** One call's place, and until when it is held at most (Unix milliseconds). */
export interface Place {
  until: number;
}

/**
 * How many calls a target has in hand, at most so many (S1.20). Nobody queues: who finds no place is told to come back.
 * A place is a lease, because an invocation that the runtime cancels, when its client hangs up, never gives one back.
 */
export class InFlight {
  readonly #places = new Set<Place>();

  /**
   * @param until when the place is free though nobody gave it back, Unix milliseconds
   * @returns null when there are as many as may be
   */
  enter(limit: number, until: number, now: number): Place | null {
    if (this.#places.size >= limit) this.#forgetEnded(now);
    if (this.#places.size >= limit) return null;
    const place = { until };
    this.#places.add(place);
    return place;
  }

  leave(place: Place): void {
    this.#places.delete(place);
  }

  #forgetEnded(now: number): void {
    for (const place of this.#places) if (place.until <= now) this.#places.delete(place);
  }
}
