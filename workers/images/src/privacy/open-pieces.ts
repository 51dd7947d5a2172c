import { pour, readChunks } from "../storage/byte-streams.ts";
import type { ByteRange, Objects, OpenObject } from "../storage/objects.ts";
import { isInserted, lengthOf, type Piece } from "./cuts.ts";

/**
 * Opens pieces of an object as one stream, by one read of the bucket that passes over the gaps. The ETag is the object's.
 * @returns null where there is no such object
 */
export async function openPieces(
  objects: Pick<Objects, "open">,
  key: string,
  pieces: Piece[],
): Promise<OpenObject | null> {
  const { offset, length } = spanOf(pieces);
  const opened = await objects.open(key, { offset, length });
  if (opened === null) return null;
  const bytes = lengthOf(pieces);
  const { readable, writable } = new FixedLengthStream(bytes);
  // It goes on for as long as somebody reads, who sees it fail too.
  pour(select(opened.body, offset, pieces), writable).catch(() => undefined);
  return { body: readable, bytes, etag: opened.etag };
}

/** From the first byte of the object to the last; where all that is wanted was inserted, any byte will do. */
function spanOf(pieces: Piece[]) {
  const ranges = pieces.filter((piece): piece is ByteRange => !isInserted(piece));
  const [first] = ranges;
  const last = ranges.at(-1);
  if (first === undefined || last === undefined) return { offset: 0, length: 1 };
  return { offset: first.offset, length: last.offset + last.length - first.offset };
}

/** @param at where the body begins in the object */
async function* select(
  body: ReadableStream<Uint8Array>,
  at: number,
  pieces: Piece[],
): AsyncGenerator<Uint8Array, void> {
  const source = new Source(readChunks(body), at);
  try {
    for (const piece of pieces) {
      if (isInserted(piece)) yield piece;
      else yield* source.range(piece);
    }
  } finally {
    await source.close();
    await body.cancel();
  }
}

/** Chunks of an object, of which ranges are taken one behind the other. */
class Source {
  readonly #chunks: AsyncGenerator<Uint8Array, void>;
  #chunk: Uint8Array = new Uint8Array(0);
  #at: number;

  constructor(chunks: AsyncGenerator<Uint8Array, void>, at: number) {
    this.#chunks = chunks;
    this.#at = at;
  }

  async *range({ offset, length }: { offset: number; length: number }): AsyncGenerator<Uint8Array, void> {
    while (this.#at < offset) if ((await this.#next(offset)) === null) return;
    while (this.#at < offset + length) {
      const bytes = await this.#next(offset + length);
      if (bytes === null) return;
      yield bytes;
    }
  }

  async close(): Promise<void> {
    await this.#chunks.return();
  }

  /** The next bytes, at most up to a place in the object. */
  async #next(end: number): Promise<Uint8Array | null> {
    if (this.#chunk.length === 0) {
      const step = await this.#chunks.next();
      if (step.done) return null;
      this.#chunk = step.value;
    }
    const bytes = this.#chunk.subarray(0, end - this.#at);
    this.#chunk = this.#chunk.subarray(bytes.length);
    this.#at += bytes.length;
    return bytes;
  }
}
