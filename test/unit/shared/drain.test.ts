import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { drain } from "../../../shared/http/drain.ts";

const CHUNK = new Uint8Array(10);

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A body that sends a chunk every so often, and never ends. */
async function* endless(everyMs: number): AsyncGenerator<Uint8Array, void> {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, everyMs));
    yield CHUNK;
  }
}

/** Whether draining is over by then. */
async function isOverAfter(ms: number, chunks: AsyncIterator<Uint8Array>, maxBytes = 1_000_000): Promise<boolean> {
  let isOver = false;
  drain(chunks, maxBytes).then(() => {
    isOver = true;
  });
  await vi.advanceTimersByTimeAsync(ms);
  return isOver;
}

test("a body is read until it ends", async () => {
  const read: Uint8Array[] = [];
  async function* three(): AsyncGenerator<Uint8Array, void> {
    for (let index = 0; index < 3; index++) {
      read.push(CHUNK);
      yield CHUNK;
    }
  }
  expect(await isOverAfter(0, three())).toBe(true);
  expect(read.length).toBe(3);
});

test("no more is read than was asked for", async () => {
  expect(await isOverAfter(90, endless(10), 100)).toBe(false);
  expect(await isOverAfter(110, endless(10), 100)).toBe(true);
});

test("a client that falls silent is waited for a second or two, not for ever", async () => {
  expect(await isOverAfter(900, endless(1_000_000))).toBe(false);
  expect(await isOverAfter(2_000, endless(1_000_000))).toBe(true);
});

test("a client that never ends is waited for a quarter of a minute", async () => {
  expect(await isOverAfter(14_000, endless(500))).toBe(false);
  expect(await isOverAfter(16_000, endless(500))).toBe(true);
});
