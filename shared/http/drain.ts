/** As much of a refused body is still read as an honest mistake may hold: an upload at the wrong door. */
export const DRAIN_MAX_BYTES = 50 * 1024 * 1024;

/** A client that pauses for so long in the middle of what is refused is answered all the same. */
const SILENCE_MS = 1_000;
/** And one that goes on sending after so many times as long. */
const PATIENCE = 15;

/**
 * Reads what is left of a request's body and throws it away, at most `maxBytes` of it. A client that is still sending
 * does not read the answer: without this, a local connection breaks before the refusal arrives.
 */
export async function drain(chunks: AsyncIterator<Uint8Array>, maxBytes: number): Promise<void> {
  let bytes = 0;
  const readOn = async () => {
    while (bytes <= maxBytes) {
      const step = await chunks.next();
      if (step.done) return;
      bytes += step.value.length;
    }
    await chunks.return?.();
  };
  await whileItComes(readOn(), () => bytes);
}

/**
 * Waits for a body to be read, as long as more of it comes. The reading goes on behind that.
 * @param bytesRead how much has come so far; what it tells grows while it is worth waiting
 */
export async function whileItComes(reading: Promise<void>, bytesRead: () => number): Promise<void> {
  for (let patience = PATIENCE; patience > 0; patience--) {
    const before = bytesRead();
    if ((await endsSoon(reading)) || bytesRead() === before) return;
  }
}

async function endsSoon(reading: Promise<void>): Promise<boolean> {
  const { promise: silence, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(resolve, SILENCE_MS, false);
  try {
    return await Promise.race([reading.then(() => true), silence]);
  } finally {
    clearTimeout(timer);
  }
}
