import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { KnownCustomers } from "../../../workers/orders/src/known-customers.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("whoever exists is asked about again after five seconds, and is not known longer for having been met", async () => {
  const customers = new KnownCustomers();
  const ask = vi.fn(async () => true);
  for (let second = 0; second < 5; second++) {
    expect(await customers.exists("ada", ask)).toBe(true);
    vi.advanceTimersByTime(1_000);
  }
  expect(ask).toHaveBeenCalledTimes(1);
  expect(await customers.exists("ada", async () => false)).toBe(false);
});

test("the five seconds begin with the question, however late its answer is", async () => {
  const customers = new KnownCustomers();
  await customers.exists("ada", async () => {
    vi.advanceTimersByTime(5_000);
    return true;
  });
  expect(await customers.exists("ada", async () => false)).toBe(false);
});

test("neither a no nor a question without an answer is remembered, and nobody is known by another", async () => {
  const customers = new KnownCustomers();
  const away = async () => Promise.reject(new Error("away"));
  expect(await customers.exists("ada", async () => false)).toBe(false);
  await expect(customers.exists("ada", away)).rejects.toThrow("away");
  expect(await customers.exists("ada", async () => true)).toBe(true);
  await expect(customers.exists("eve", away)).rejects.toThrow("away");
});

test("no more than two thousand are known: the longest known gives way", async () => {
  const customers = new KnownCustomers();
  for (let number = 0; number <= 2_000; number++) await customers.exists(`user ${number}`, async () => true);
  expect(await customers.exists("user 0", async () => false)).toBe(false);
  expect(await customers.exists("user 2000", async () => false)).toBe(true);
});
