/**
 * Counts the memory that one job holds: every WebAssembly memory, and every buffer of more than a few kilobytes.
 * A dropped instance counts as gone at once, though its pages come back when the garbage collector gets to it.
 */
export class Meter {
  readonly #held = new Set<WebAssembly.Memory | Uint8Array | Uint8ClampedArray>();
  #peak = 0;

  /** The most that was held at any one time, in bytes. */
  get peak(): number {
    return this.#peak;
  }

  hold(thing: WebAssembly.Memory | Uint8Array | Uint8ClampedArray): void {
    this.#held.add(thing);
    this.sample();
  }

  /** Memory only grows until it is dropped, so looking before that misses nothing. */
  drop(thing: WebAssembly.Memory | Uint8Array | Uint8ClampedArray): void {
    this.sample();
    this.#held.delete(thing);
  }

  /**
   * Bytes held now.
   * @param passing bytes of something that is not held, but there at this moment
   */
  sample(passing = 0): number {
    let bytes = passing;
    for (const thing of this.#held) bytes += thing.buffer.byteLength;
    this.#peak = Math.max(this.#peak, bytes);
    return bytes;
  }
}
