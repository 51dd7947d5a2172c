/** Alarms need not be more exact than this, and each change of one is a write. */
const STEP_MS = 1_000;

/** The alarm of an object. */
export class AlarmClock {
  readonly #storage: DurableObjectStorage;
  /** Unix milliseconds; 0 where this instance has set none. */
  #at = 0;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  /** Sets the alarm to the earliest of these times (Unix milliseconds), or to none where all are null. */
  set(times: (number | null)[]): void {
    const at = Math.min(...times.map((time) => time ?? Number.POSITIVE_INFINITY));
    if (!Number.isFinite(at)) this.#clear();
    else if (Math.abs(at - this.#at) >= STEP_MS || this.#at <= Date.now()) this.#setTo(at);
  }

  #setTo(at: number): void {
    this.#at = at;
    this.#storage.setAlarm(at);
  }

  #clear(): void {
    this.#at = 0;
    this.#storage.deleteAlarm();
  }
}
