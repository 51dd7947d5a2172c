import { expect, test } from "vitest";
import { RetryBudget, retryDelayMs } from "../../../workers/gateway/src/calls/retry.ts";

test("retries are one for ten calls, however many fail", () => {
  const budget = new RetryBudget();
  let retries = 0;
  for (let call = 0; call < 1_000; call++) {
    budget.earn();
    if (budget.spend()) retries += 1;
  }
  expect(retries).toBeGreaterThanOrEqual(100);
  expect(retries).toBeLessThanOrEqual(110);
});

test("a quiet time saves up ten retries, no more", () => {
  const budget = new RetryBudget();
  for (let call = 0; call < 1_000; call++) budget.earn();
  const spent = Array.from({ length: 20 }, () => budget.spend());
  expect(spent.filter((may) => may)).toHaveLength(10);
});

test("the wait before a retry is anything up to a bound that doubles", () => {
  const longest = (retry: number) => Math.max(...Array.from({ length: 2_000 }, () => retryDelayMs(retry)));
  expect(longest(1)).toBeLessThan(100);
  expect(longest(2)).toBeGreaterThan(100);
  expect(longest(2)).toBeLessThan(200);
  expect(Math.min(...Array.from({ length: 2_000 }, () => retryDelayMs(2)))).toBeLessThan(20);
});
