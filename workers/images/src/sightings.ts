/** As long as a cache may go on with an object that is gone. */
const FRESH_MS = 60_000;
/** An isolate remembers at most this many; the oldest gives way, and costs a look into the bucket the next time. */
const HELD_MAX = 10_000;

/** The objects of the bucket as this isolate last saw them: when, and how long. A key is written once, so they stay so. */
const seen = new Map<string, { at: number; bytes: number }>();

export function noteSeen(key: string, bytes: number, now = Date.now()): void {
  const [oldest] = seen.keys();
  if (seen.size >= HELD_MAX && oldest !== undefined) seen.delete(oldest);
  seen.set(key, { at: now, bytes });
}

/**
 * The length of an object that was there less than a minute ago: enough to tell a client that its copy is good, or to
 * find a part of it. Null for others.
 */
export function bytesSeenLately(key: string, now = Date.now()): number | null {
  const sight = seen.get(key);
  return sight !== undefined && now - sight.at < FRESH_MS ? sight.bytes : null;
}

export function forgetSeen(keys: string[]): void {
  for (const key of keys) seen.delete(key);
}
