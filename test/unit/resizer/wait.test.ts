import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createWait } from "../../../workers/resizer/src/wait.ts";

const TEN_SECONDS_MS = 10_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function never(): Promise<string> {
  return new Promise(() => {});
}

describe("waiting for another Worker", () => {
  it("gives what was sent, and tells that something came", async () => {
    const onSent = vi.fn();
    expect(await createWait(onSent)(Promise.resolve("an answer"))).toBe("an answer");
    expect(onSent).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("fails with what the other one threw", async () => {
    await expect(createWait(() => {})(Promise.reject(new Error("away")))).rejects.toThrow("away");
    expect(vi.getTimerCount()).toBe(0);
  });

  it("gives up after 10 s, and tells of nothing", async () => {
    const onSent = vi.fn();
    const waiting = createWait(onSent)(never());
    const ended = expect(waiting).rejects.toThrow("within 10 s");
    await vi.advanceTimersByTimeAsync(TEN_SECONDS_MS - 1);
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    await ended;
    expect(onSent).not.toHaveBeenCalled();
  });
});
