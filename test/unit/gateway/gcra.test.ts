import { describe, expect, test } from "vitest";
import { decide } from "../../../workers/gateway/src/limits/gcra.ts";

const START = 1_800_000_000_000;

/** Sends requests at the given times (milliseconds from the start) and answers which of them pass. */
function send(limit: number, times: number[]): boolean[] {
  let state = 0;
  return times.map((time) => {
    const { decision, emptyAt } = decide(state, limit, START + time);
    state = emptyAt;
    return decision.allowed;
  });
}

describe("the rate limit", () => {
  test("lets exactly the limit through at once", () => {
    const passed = send(100, Array<number>(5_000).fill(0)).filter(Boolean);
    expect(passed).toHaveLength(100);
  });

  test("gives one request back for each sixtieth of a minute's limit", () => {
    const burst = Array<number>(60).fill(0);
    expect(send(60, [...burst, 999, 1_000, 1_000, 2_000]).slice(60)).toEqual([false, true, false, true]);
  });

  test("does not save up more than the limit", () => {
    const afterAnHour = Array<number>(20).fill(3_600_000);
    expect(send(10, [0, ...afterAnHour]).filter(Boolean)).toHaveLength(11);
  });

  test("says when to come back", () => {
    const first = decide(0, 1, START);
    expect(decide(first.emptyAt, 1, START + 20_000).decision).toEqual({
      allowed: false,
      remaining: 0,
      retryAfterMs: 40_000,
      resetMs: 40_000,
    });
  });
});
