/** Read in pieces of this size, so that few steps are taken in JavaScript: the runtime's own are of 4 KiB. */
const READ_BYTES = 128 * 1024;

/** The chunks of a stream, in one buffer that goes to and fro between the runtime and here. */
export async function* readChunks(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const reader = stream.getReader({ mode: "byob" });
  let buffer = new Uint8Array(READ_BYTES);
  try {
    for (;;) {
      const step = await reader.readAtLeast(READ_BYTES, buffer);
      if (step.value !== undefined && step.value.length > 0) yield step.value;
      if (step.done) return;
      buffer = new Uint8Array(step.value.buffer);
    }
  } finally {
    reader.releaseLock();
  }
}

/** Writes chunks to a stream and ends it. Whoever reads it sees the chunks fail. */
export async function pour(
  chunks: AsyncIterable<Uint8Array>,
  writable: WritableStream<ArrayBuffer | ArrayBufferView>,
): Promise<void> {
  const writer = writable.getWriter();
  try {
    for await (const chunk of chunks) await writer.write(chunk);
    await writer.close();
  } catch (error) {
    await writer.abort(error);
    throw error;
  }
}
