import { randomHex } from "./random.ts";

/** rand_a of a UUID version 7: twelve bits, used as a counter within one millisecond. */
const COUNTER_MAX = 0xfff;
/** A fresh millisecond starts its counter in the lower half, so that there is room to count up. */
const COUNTER_SEED_MASK = 0x7ff;

/** The time and counter of the last id, so that ids of one isolate never go backwards. */
let last = { ms: 0, counter: 0 };

/**
 * A new UUID version 7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, a counter within the millisecond (§6.2,
 * method 1), then random bits. Ids sort by creation, so a primary key on them needs no second index for
 * "oldest first", and two events of one turn keep their order.
 */
export function newId(now = Date.now()): string {
  const random = randomHex(10);
  const seed = Number.parseInt(random.slice(0, 4), 16);
  const variant = (Number.parseInt(random.slice(4, 8), 16) & 0x3fff) | 0x8000;
  last = nextTick(now, seed & COUNTER_SEED_MASK);
  const time = hex(last.ms, 12);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(last.counter, 3)}-${hex(variant, 4)}-${random.slice(8)}`;
}

function nextTick(now: number, seed: number) {
  if (now > last.ms) return { ms: now, counter: seed };
  // The clock stood still or went back: stay at the last time and count on, borrowing a millisecond when full.
  if (last.counter < COUNTER_MAX) return { ms: last.ms, counter: last.counter + 1 };
  return { ms: last.ms + 1, counter: seed };
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}

/** What ids that are made from a time on (Unix milliseconds) sort behind, and earlier ones before. */
export function firstIdOf(ms: number): string {
  const time = hex(ms, 12);
  return `${time.slice(0, 8)}-${time.slice(8)}`;
}

/** When an id was made, in Unix milliseconds. */
export function timeOfId(id: string): number {
  return Number.parseInt(id.replace("-", "").slice(0, 12), 16);
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a string has the form of an id. A path with anything else is answered 404 without a look-up. */
export function isId(text: string): boolean {
  return UUID.test(text);
}
