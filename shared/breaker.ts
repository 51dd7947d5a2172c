/** A target is given up when at least this share of its calls failed … */
const FAILURE_SHARE = 0.5;
/** … of at least so many: a single failed call at night must not cut anybody off. */
const MIN_CALLS = 10;
/** How long a call counts. */
const WINDOW_SECONDS = 10;
/** How often a target that was given up is tried with one call: healed means asked again after two seconds. */
const PROBE_EVERY_MS = 2_000;

export type BreakerState = "closed" | "open" | "half-open";

interface Second {
  calls: number;
  failures: number;
}

/**
 * Keeps calls away from a target that fails, so that its callers are answered at once and it can recover (S1.78–80).
 * Counts calls of the last ten seconds. Open, it lets one call through every two seconds; the first that works closes
 * it. Nothing is given back at the end of a trial, so one whose end nobody hears of, because the runtime cancelled it,
 * blocks nothing: the next follows two seconds later. Times are Unix milliseconds.
 */
export class Breaker {
  readonly #seconds = new Map<number, Second>();
  #isOpen = false;
  #changedAt = 0;
  #nextProbeAt = 0;

  state(now: number): BreakerState {
    if (!this.#isOpen) return "closed";
    return now < this.#nextProbeAt ? "open" : "half-open";
  }

  /** Whether a call may go out now. Open, a yes is the trial of the next two seconds. */
  admits(now: number): boolean {
    if (!this.#isOpen) return true;
    if (now < this.#nextProbeAt) return false;
    this.#nextProbeAt = now + PROBE_EVERY_MS;
    return true;
  }

  /**
   * Notes how a call ended. One that began before the last change says nothing about how the target is now: a hung
   * call may take longer to fail than its service takes to come back.
   */
  record(beganAt: number, failed: boolean, now: number): void {
    if (beganAt < this.#changedAt) return;
    if (this.#isOpen) {
      if (!failed) this.#change(false, now);
      return;
    }
    const { calls, failures } = this.#count(failed, now);
    // Only a failure opens it: a call that works must not, because others that worked count no more.
    if (failed && calls >= MIN_CALLS && failures / calls >= FAILURE_SHARE) this.#change(true, now);
  }

  #count(failed: boolean, now: number): Second {
    const second = Math.floor(now / 1_000);
    const current = this.#seconds.get(second) ?? { calls: 0, failures: 0 };
    current.calls += 1;
    if (failed) current.failures += 1;
    this.#seconds.set(second, current);

    const total: Second = { calls: 0, failures: 0 };
    for (const [at, counted] of this.#seconds) {
      if (at <= second - WINDOW_SECONDS) this.#seconds.delete(at);
      else {
        total.calls += counted.calls;
        total.failures += counted.failures;
      }
    }
    return total;
  }

  #change(isOpen: boolean, now: number): void {
    this.#isOpen = isOpen;
    this.#changedAt = now;
    this.#nextProbeAt = now + PROBE_EVERY_MS;
    this.#seconds.clear();
  }
}
