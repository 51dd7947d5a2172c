import { expect, test } from "vitest";
import { sendTimes } from "../../../workers/webhooks/src/delivery/send-times.ts";

const NOW = 1_000_000;
const WAITING = { isDue: true, nextAt: NOW + 500, isEnabled: true, restsUntil: 0, leaseMs: 15_000 };

test("a webhook with nothing to send needs no alarm", () => {
  expect(sendTimes({ ...WAITING, isDue: false, nextAt: null }, NOW)).toEqual([]);
  expect(sendTimes({ ...WAITING, isDue: false, nextAt: null, isEnabled: false }, NOW)).toEqual([]);
});

test("what is due counts as cut off when the time of its attempt is over, and the next comes in its time", () => {
  expect(sendTimes(WAITING, NOW)).toEqual([NOW + 15_000, NOW + 500]);
  expect(sendTimes({ ...WAITING, isDue: false }, NOW)).toEqual([null, NOW + 500]);
});

test("a webhook that rests is tried when its rest is over, whatever is due before", () => {
  expect(sendTimes({ ...WAITING, restsUntil: NOW + 60_000 }, NOW)).toEqual([NOW + 60_000]);
});

test("a disabled webhook looks within the hour whether it was enabled without hearing of it", () => {
  const [at] = sendTimes({ ...WAITING, isEnabled: false }, NOW);
  expect(at).toBeGreaterThan(NOW);
  expect(at).toBeLessThanOrEqual(NOW + 3_600_000);
});
