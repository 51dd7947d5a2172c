/** A default reader hands a stream over in pieces of 4 KB, one turn of the event loop each. */
const CHUNK_BYTES = 262_144;

/**
 * Reads a stream of known length into one buffer.
 * @throws when the stream has another length than the row says: the caller must not guess at what is missing
 */
export async function readOriginal(stream: ReadableStream<Uint8Array>, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  const reader = stream.getReader({ mode: "byob" });
  let buffer = new Uint8Array(CHUNK_BYTES);
  let filled = 0;
  for (;;) {
    const { done, value } = await reader.readAtLeast(CHUNK_BYTES, buffer);
    if (value !== undefined) {
      if (filled + value.length > length) throw new Error(`the original is longer than its ${length} bytes`);
      bytes.set(value, filled);
      filled += value.length;
      buffer = new Uint8Array(value.buffer);
    }
    if (done) break;
  }
  if (filled !== length) throw new Error(`the original ended after ${filled} of ${length} bytes`);
  return bytes;
}
