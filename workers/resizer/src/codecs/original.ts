import type { Wait } from "../wait.ts";

/** A default reader hands a stream over in pieces of 4 KB, one turn of the event loop each. */
const PIECE_BYTES = 262_144;

/**
 * An original as it arrives, a piece at a time. Each view it gives holds until the next call.
 * Whatever throws here is an outage, never the file's fault.
 */
export class Original {
  /** Bytes, as its row says. */
  readonly length: number;
  readonly #reader: ReadableStreamBYOBReader;
  readonly #wait: Wait;
  #buffer = new Uint8Array(PIECE_BYTES);
  #piece = new Uint8Array();
  #at = 0;
  #received = 0;
  #hasEnded = false;

  constructor(stream: ReadableStream<Uint8Array>, length: number, wait: Wait) {
    this.#reader = stream.getReader({ mode: "byob" });
    this.#wait = wait;
    this.length = length;
  }

  /** The first 256 KiB, or all of a shorter file. Comes before any other call; nothing is used up. */
  async head(): Promise<Uint8Array> {
    if (this.#received === 0) await this.#readPiece();
    return this.#piece;
  }

  /**
   * What comes next, at least one byte and at most `limit`; null at the end.
   * @throws when the stream has another length than the row says: nobody may guess at what is missing
   */
  async upTo(limit: number): Promise<Uint8Array | null> {
    if (this.#at === this.#piece.length && !(await this.#readPiece())) return null;
    const end = Math.min(this.#at + limit, this.#piece.length);
    const part = this.#piece.subarray(this.#at, end);
    this.#at = end;
    return part;
  }

  /** A copy of the next bytes, or null when the file ends before. For short runs. */
  async exactly(length: number): Promise<Uint8Array | null> {
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const part = await this.upTo(length - filled);
      if (part === null) return null;
      bytes.set(part, filled);
      filled += part.length;
    }
    return bytes;
  }

  /** Hands every byte that is left to `take`, with its place among them. */
  async rest(take: (part: Uint8Array, at: number) => void): Promise<void> {
    let at = 0;
    for (;;) {
      const part = await this.upTo(PIECE_BYTES);
      if (part === null) return;
      take(part, at);
      at += part.length;
    }
  }

  /** Tells the sender that nothing more is wanted. Nobody waits for it: it may be gone. */
  discard(): void {
    this.#reader.cancel().catch(() => {});
  }

  async #readPiece(): Promise<boolean> {
    if (this.#hasEnded) return false;
    const { value } = await this.#wait(this.#reader.readAtLeast(PIECE_BYTES, this.#buffer));
    if (value === undefined || value.length === 0) {
      this.#hasEnded = true;
      // Its memory went along with the last read.
      this.#piece = new Uint8Array();
      this.#at = 0;
      if (this.#received === this.length) return false;
      throw new Error(`the original ended after ${this.#received} of ${this.length} bytes`);
    }
    this.#received += value.length;
    if (this.#received > this.length) throw new Error(`the original is longer than its ${this.length} bytes`);
    this.#piece = value;
    this.#at = 0;
    this.#buffer = new Uint8Array(value.buffer);
    return true;
  }
}
