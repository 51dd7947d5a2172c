/** As long as a cache may go on with an object that is gone. */
const FRESH_MS = 60_000;
/** An isolate remembers at most this many; the oldest gives way, and costs a look into the bucket the next time. */
const HELD_MAX = 10_000;

/** When the objects of the bucket were last seen by this isolate. */
const seenAt = new Map<string, number>();

export function noteSeen(key: string, now = Date.now()): void {
  const [oldest] = seenAt.keys();
  if (seenAt.size >= HELD_MAX && oldest !== undefined) seenAt.delete(oldest);
  seenAt.set(key, now);
}

/** Whether an object was there less than a minute ago: enough to tell a client that its copy is good. */
export function wasSeenLately(key: string, now = Date.now()): boolean {
  return now - (seenAt.get(key) ?? Number.NEGATIVE_INFINITY) < FRESH_MS;
}

export function forgetSeen(keys: string[]): void {
  for (const key of keys) seenAt.delete(key);
}
