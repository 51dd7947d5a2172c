import { describe, expect, test } from "vitest";
import { GIVEN_UP_AFTER_MS, nextTryAt } from "../../../workers/webhooks/src/delivery/retry-times.ts";
import {
  afterFailure,
  isHopeless,
  isResting,
  slotsOf,
  WELL,
} from "../../../workers/webhooks/src/delivery/webhook-health.ts";

const NOW = Date.parse("2026-11-21T12:00:00Z");
const HOUR_MS = 3_600_000;
const waitSeconds = (tries: number, retryAfter: string | null = null, chance = 0) =>
  (nextTryAt(NOW, tries, retryAfter, chance) - NOW) / 1_000;

describe("a delivery that failed", () => {
  test("is tried after seconds, minutes and hours, at last once a day", () => {
    const waits = Array.from({ length: 11 }, (_, index) => waitSeconds(index + 1));
    expect(waits).toEqual([5, 30, 120, 600, 3_600, 10_800, 21_600, 43_200, 86_400, 86_400, 86_400]);
  });

  test("comes up to a fifth later, so that what failed together is not tried together", () => {
    expect([waitSeconds(2, null, 0.5), waitSeconds(2, null, 1)]).toEqual([33, 36]);
  });

  test.each([
    ["seconds", "120", 120],
    ["a date", "Sat, 21 Nov 2026 12:05:00 GMT", 300],
    ["less than the usual wait", "1", 30],
    ["more than a day", "999999", 86_400],
    ["something that cannot be read", "soon", 30],
    ["a date that is over", "Sat, 21 Nov 2020 12:05:00 GMT", 30],
  ])("waits as long as the receiver asks for: %s", (_what, retryAfter, seconds) => {
    expect(waitSeconds(2, retryAfter)).toBe(seconds);
  });
});

describe("a webhook that fails", () => {
  const failed = (times: number, now = NOW) => {
    let health = WELL;
    for (let time = 0; time < times; time++) health = afterFailure(health, now);
    return health;
  };

  test("gets four deliveries at a time until eight have failed, then one, later and later", () => {
    expect([slotsOf(WELL), slotsOf(failed(7)), slotsOf(failed(8))]).toEqual([4, 4, 1]);
    expect([isResting(failed(7)), isResting(failed(8))]).toEqual([false, true]);
    const rests = [7, 8, 9, 10, 20].map((times) => (failed(times).restsUntil - NOW) / 1_000);
    expect(rests).toEqual([0, 15, 30, 60, 300]);
  });

  test("is hopeless when it has taken nothing for three days, and not because of one delivery", () => {
    expect(isHopeless(failed(20), NOW + GIVEN_UP_AFTER_MS + HOUR_MS)).toBe(true);
    expect(isHopeless(failed(20), NOW + GIVEN_UP_AFTER_MS - HOUR_MS)).toBe(false);
    expect(isHopeless(failed(3), NOW + GIVEN_UP_AFTER_MS + HOUR_MS)).toBe(false);
    expect(isHopeless(WELL, NOW)).toBe(false);
  });
});
