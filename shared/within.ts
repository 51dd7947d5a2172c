/**
 * The value of a promise, if it comes in time. What was asked goes on by itself: a call between Workers cannot be taken
 * back, only no longer waited for. Throws when the time is over.
 */
export async function within<Value>(limitMs: number, promise: Promise<Value>): Promise<Value> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${limitMs} ms`)), limitMs);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
