import { expect, test } from "vitest";
import { forgetSeen, noteSeen, seenLately } from "../../../workers/images/src/delivery/sightings.ts";

const GENERATION = 5_000;
const NOW = 1_000_000;
const SIGHT = { bytes: 8, at: NOW };

function seeOthers(count: number, name: string): void {
  for (let index = 0; index < count; index++) noteSeen(`${name}-${index}`, { bytes: 1, at: NOW });
}

test("an object that was seen is known for a minute", () => {
  noteSeen("sea", SIGHT);
  expect(seenLately("sea", NOW + 59_999)).toEqual(SIGHT);
  expect(seenLately("sea", NOW + 60_000)).toBeNull();
  expect(seenLately("never seen", NOW)).toBeNull();
});

test("it is known while thousands of others are seen, and forgotten behind ten thousand", () => {
  noteSeen("sea", SIGHT);
  seeOthers(GENERATION, "first");
  expect(seenLately("sea", NOW)).toEqual(SIGHT);
  seeOthers(GENERATION, "second");
  expect(seenLately("sea", NOW)).toBeNull();
});

test("an object that was deleted is forgotten at once, however long ago it was seen first", () => {
  noteSeen("sea", SIGHT);
  seeOthers(GENERATION, "first");
  noteSeen("sea", SIGHT);
  forgetSeen(["sea"]);
  expect(seenLately("sea", NOW)).toBeNull();
});
