import { expect, test } from "vitest";
import { UploadBudget } from "../../../workers/images/src/uploads/upload-budget.ts";

test("the upload budget refuses at once what does not fit, and takes it when another has ended", () => {
  const budget = new UploadBudget(100);
  const first = budget.reserve(60);
  expect(budget.reserve(41)).toBeNull();
  expect(budget.reserve(40)).not.toBeNull();
  first?.release();
  expect(budget.reserve(60)).not.toBeNull();
});

test("a share of the upload budget is given back once, however often it is released", () => {
  const budget = new UploadBudget(100);
  const first = budget.reserve(50);
  budget.reserve(50);
  first?.release();
  first?.release();
  expect(budget.reserve(51)).toBeNull();
});

test("the share of a cancelled upload returns by time, that of a moving one does not", () => {
  let now = 0;
  const budget = new UploadBudget(100, () => now);
  const moving = budget.reserve(50);
  budget.reserve(50);
  now = 59_000;
  moving?.touch();
  expect(budget.reserve(1)).toBeNull();
  now = 61_000;
  expect(budget.reserve(51)).toBeNull();
  expect(budget.reserve(50)).not.toBeNull();
});
