import { expect, test } from "vitest";
import { bytesSeenLately, forgetSeen, noteSeen } from "../../../workers/images/src/delivery/sightings.ts";

const GENERATION = 5_000;
const NOW = 1_000_000;

function seeOthers(count: number, name: string): void {
  for (let index = 0; index < count; index++) noteSeen(`${name}-${index}`, 1, NOW);
}

test("an object that was seen is known for a minute", () => {
  noteSeen("sea", 8, NOW);
  expect(bytesSeenLately("sea", NOW + 59_999)).toBe(8);
  expect(bytesSeenLately("sea", NOW + 60_000)).toBeNull();
  expect(bytesSeenLately("never seen", NOW)).toBeNull();
});

test("it is known while thousands of others are seen, and forgotten behind ten thousand", () => {
  noteSeen("sea", 8, NOW);
  seeOthers(GENERATION, "first");
  expect(bytesSeenLately("sea", NOW)).toBe(8);
  seeOthers(GENERATION, "second");
  expect(bytesSeenLately("sea", NOW)).toBeNull();
});

test("an object that was deleted is forgotten at once, however long ago it was seen first", () => {
  noteSeen("sea", 8, NOW);
  seeOthers(GENERATION, "first");
  noteSeen("sea", 8, NOW);
  forgetSeen(["sea"]);
  expect(bytesSeenLately("sea", NOW)).toBeNull();
});
