import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Env } from "../../../workers/gateway/src/env.ts";
import { count, flushLater } from "../../../workers/gateway/src/metrics/counters.ts";
import type { SeriesCount } from "../../../workers/gateway/src/metrics/metrics.repo.ts";
import { gatewayEnv } from "./door.ts";

const SHUT = { status: "4xx" };
const KEY = JSON.stringify(["halftone_requests_total", SHUT]);

/** The store as the isolates see it: what came in each call, those that failed too. */
let calls: SeriesCount[][] = [];
let storeIsAway = false;
/** What requests have left running. */
let running: Promise<unknown>[] = [];

const store = {
  async add(counts: SeriesCount[]) {
    calls.push(counts);
    if (storeIsAway) throw new Error("The store is away.");
  },
};
const env = { ...gatewayEnv, METRICS: { getByName: () => store } } as unknown as Env;
const ctx = { waitUntil: (work: Promise<unknown>) => void running.push(work) };

function answerOneRequest(): void {
  count("halftone_requests_total", SHUT);
  flushLater(env, ctx);
}

beforeEach(() => {
  calls = [];
  running = [];
  storeIsAway = false;
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.spyOn(scheduler, "wait").mockResolvedValue(undefined);
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test("many requests are handed in by one call, after the last of them, without another request", async () => {
  for (let requests = 0; requests < 250; requests++) answerOneRequest();
  await Promise.all(running);
  expect(calls).toEqual([[{ key: KEY, value: 250 }]]);
});

test("what was counted while a call was under way is handed in by the next", async () => {
  answerOneRequest();
  vi.spyOn(store, "add").mockImplementationOnce(async (counts) => {
    calls.push(counts);
    answerOneRequest();
  });
  await vi.waitUntil(() => running.length === 2);
  await Promise.all(running);
  expect(calls).toEqual([[{ key: KEY, value: 1 }], [{ key: KEY, value: 1 }]]);
});

test("what could not be handed in is handed in later, and so is what came meanwhile", async () => {
  vi.spyOn(store, "add").mockImplementationOnce(async () => {
    answerOneRequest();
    throw new Error("The store is away.");
  });
  answerOneRequest();
  await vi.waitUntil(() => calls.length > 0);
  await Promise.all(running);
  const handedIn = calls.flat().map(({ value }) => value);
  expect(handedIn.reduce((sum, value) => sum + value, 0)).toBe(2);
});

test("counts that outlast the tries are handed in with the next request", async () => {
  storeIsAway = true;
  answerOneRequest();
  await Promise.all(running);
  storeIsAway = false;
  calls = [];
  vi.setSystemTime(Date.now() + 60_000);
  answerOneRequest();
  await Promise.all(running);
  expect(calls).toEqual([[{ key: KEY, value: 2 }]]);
});

test("another request takes over from one that was cancelled before it could hand in", async () => {
  vi.spyOn(scheduler, "wait").mockReturnValueOnce(new Promise(() => undefined));
  answerOneRequest();
  answerOneRequest();
  expect(running).toHaveLength(1);
  vi.setSystemTime(Date.now() + 60_000);
  answerOneRequest();
  await running[1];
  expect(calls).toEqual([[{ key: KEY, value: 3 }]]);
});
