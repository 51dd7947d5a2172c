import { expect, test } from "vitest";
import { parseRange } from "../../../workers/images/src/delivery/range.ts";
import { linkExpiry } from "../../../workers/images/src/delivery/signing.ts";
import { sizeText } from "../../../workers/images/src/files/view.ts";

test.each([
  [1, "1KB"],
  [15_360, "15KB"],
  [1_000_000, "977KB"],
  [1_048_575, "1.0MB"],
  [1_048_576, "1.0MB"],
  [3_565_158, "3.4MB"],
])("%i bytes are written as %s", (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
});

test.each([
  ["bytes=0-0", { offset: 0, length: 1 }],
  ["bytes=5-", { offset: 5, length: 5 }],
  ["bytes=-3", { offset: 7, length: 3 }],
  ["bytes=-99", { offset: 0, length: 10 }],
  ["bytes=0-99", { offset: 0, length: 10 }],
  ["bytes=10-", "unsatisfiable"],
  ["bytes=-0", "unsatisfiable"],
  ["bytes=3-2", null],
  ["bytes=0-1,3-4", null],
  ["items=0-1", null],
  ["bytes=9999999999999999-", null],
])("of ten bytes, %s is %j", (header, range) => {
  expect(parseRange(header, 10)).toEqual(range);
});

test("links made within one hour run out together, at a full hour, and never after seven days", () => {
  const noon = Date.UTC(2026, 0, 1, 12) + 1;
  const expiries = [0, 20, 59].map((minutes) => linkExpiry(noon + minutes * 60_000));
  expect(new Set(expiries)).toEqual(new Set([Date.UTC(2026, 0, 1, 14) / 1_000]));
  const longest = linkExpiry(noon, 30 * 24 * 3_600);
  expect(longest).toBeLessThanOrEqual(noon / 1_000 + 7 * 24 * 3_600);
});
