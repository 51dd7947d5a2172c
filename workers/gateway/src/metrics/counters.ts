import type { Labels, SeriesName } from "../../../../shared/contracts/metrics.ts";
import { createLogger, describeError } from "../../../../shared/log.ts";
import type { Env } from "../env.ts";
import type { SeriesCount } from "./metrics.repo.ts";

/**
 * Counts go to the store together, this long after the first of them: one call for however many requests there were,
 * and none is on any request's way. `/metrics` promises at most ten seconds.
 */
const FLUSH_AFTER_MS = 4_000;
/** How often an isolate tries while the store is away; after that its next request goes on. */
const TRIES_MAX = 5;
/** When a flush is this late, the request that was to do it was cancelled, and another takes over. */
const LATE_MS = 2_000;

/** The store has this many objects, so that no one of them is where all isolates meet. An isolate keeps to one. */
export const METRICS_SHARDS = 4;

/** What this isolate has counted and not handed in, by series. */
let counted = new Map<string, number>();
/** Unix milliseconds until which somebody is about to hand it in. */
let flushExpectedUntil = 0;
let shard: number | null = null;

/** What a series is counted under. Labels take few values each: every combination is a row for good. */
export function seriesKey(name: SeriesName, labels: Labels): string {
  return JSON.stringify([name, labels]);
}

/** Adds to a counter. */
export function count(name: SeriesName, labels: Labels, by = 1): void {
  countSeries(seriesKey(name, labels), by);
}

/** The same for what every request counts, whose keys are worth keeping. */
export function countSeries(key: string, by = 1): void {
  counted.set(key, (counted.get(key) ?? 0) + by);
}

/** Sees to it that what was counted reaches the store, without a further request. A killed isolate loses its last seconds. */
export function flushLater(env: Env, ctx: Pick<ExecutionContext, "waitUntil">): void {
  if (Date.now() < flushExpectedUntil) return;
  expectFlush();
  ctx.waitUntil(flush(env));
}

function expectFlush(): void {
  flushExpectedUntil = Date.now() + FLUSH_AFTER_MS + LATE_MS;
}

async function flush(env: Env): Promise<void> {
  for (let tries = 1; tries <= TRIES_MAX; tries++) {
    await scheduler.wait(FLUSH_AFTER_MS);
    // From here on, whoever counts arms a flush of their own: during the call this one takes nothing more.
    flushExpectedUntil = 0;
    const taken = [...counted].map(([key, value]) => ({ key, value }));
    counted = new Map();
    if (taken.length === 0 || (await handIn(env, taken))) return;
    for (const { key, value } of taken) counted.set(key, (counted.get(key) ?? 0) + value);
    expectFlush();
  }
}

/** Answers whether it worked. Where only the store's answer was lost, its counts come twice; that is accepted. */
async function handIn(env: Env, counts: SeriesCount[]): Promise<boolean> {
  shard ??= Math.floor(Math.random() * METRICS_SHARDS);
  try {
    await env.METRICS.getByName(`shard-${shard}`).add(counts);
    return true;
  } catch (error) {
    createLogger(env).warn("counts not handed in", { error: describeError(error) });
    return false;
  }
}
