import { expect, test } from "vitest";
import { InFlight } from "../../../workers/gateway/src/calls/in-flight.ts";

const NOW = 1_700_000_000_000;

test("at most so many calls are in hand, and a place that was left is free at once", () => {
  const inFlight = new InFlight();
  const [first, second] = [inFlight.enter(2, NOW + 5_000, NOW), inFlight.enter(2, NOW + 5_000, NOW)];
  expect(second).not.toBeNull();
  expect(inFlight.enter(2, NOW + 5_000, NOW)).toBeNull();
  inFlight.leave(first!);
  expect(inFlight.enter(2, NOW + 5_000, NOW)).not.toBeNull();
});

test("a place that nobody gives back is free when its time is over", () => {
  const inFlight = new InFlight();
  inFlight.enter(1, NOW + 5_000, NOW);
  expect(inFlight.enter(1, NOW + 9_000, NOW + 4_999)).toBeNull();
  expect(inFlight.enter(1, NOW + 9_000, NOW + 5_000)).not.toBeNull();
});
