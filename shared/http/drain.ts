/**
 * Reads what is left of a request's body and throws it away, at most `maxBytes` of it. A client that is still sending
 * does not read the answer: without this, a local connection breaks before the refusal arrives.
 */
export async function drain(chunks: AsyncIterator<Uint8Array>, maxBytes: number): Promise<void> {
  for (let bytes = 0; bytes <= maxBytes; ) {
    const step = await chunks.next();
    if (step.done) return;
    bytes += step.value.length;
  }
  await chunks.return?.();
}
