/** As long as a cache may go on with an object that is gone. */
const FRESH_MS = 60_000;
/** An isolate remembers two generations of so many. What is forgotten costs a look into the bucket the next time. */
const GENERATION = 5_000;

/** When an object was there (Unix milliseconds), and how long it is. */
export interface Sight {
  at: number;
  bytes: number;
}

/**
 * The objects of the bucket as this isolate last saw them. A key is written once, so they stay as they were. When a
 * generation is full, the one before it is forgotten as a whole: to look for the oldest one takes ever longer.
 */
let young = new Map<string, Sight>();
let old = new Map<string, Sight>();

export function noteSeen(key: string, sight: Sight): void {
  if (young.size >= GENERATION) {
    old = young;
    young = new Map();
  }
  young.set(key, sight);
}

/**
 * How an object that was there less than a minute ago was seen: enough to tell a client that its copy is good, or to
 * find a part of it. Null for others.
 */
export function seenLately(key: string, now = Date.now()): Sight | null {
  const sight = young.get(key) ?? old.get(key);
  return sight !== undefined && now - sight.at < FRESH_MS ? sight : null;
}

export function forgetSeen(keys: string[]): void {
  for (const key of keys) {
    young.delete(key);
    old.delete(key);
  }
}
