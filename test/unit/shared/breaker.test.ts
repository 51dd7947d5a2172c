import { describe, expect, test } from "vitest";
import { Breaker } from "../../../shared/breaker.ts";

const START = 1_700_000_000_000;

function callTimes(breaker: Breaker, calls: number, failed: boolean, now: number): void {
  for (let call = 0; call < calls; call++) breaker.record(now, failed, now);
}

function openBreaker(): Breaker {
  const breaker = new Breaker();
  callTimes(breaker, 10, true, START);
  return breaker;
}

describe("a breaker opens", () => {
  test("when half of ten calls failed", () => {
    const breaker = new Breaker();
    callTimes(breaker, 5, false, START);
    callTimes(breaker, 4, true, START);
    expect(breaker.state(START)).toBe("closed");
    callTimes(breaker, 1, true, START);
    expect(breaker.state(START)).toBe("open");
    expect(breaker.admits(START)).toBe(false);
  });

  test("not for fewer calls, nor for a smaller share", () => {
    const quiet = new Breaker();
    callTimes(quiet, 9, true, START);
    expect(quiet.admits(START)).toBe(true);
    const busy = new Breaker();
    callTimes(busy, 60, false, START);
    callTimes(busy, 50, true, START);
    expect(busy.admits(START)).toBe(true);
  });

  test("not when a call works, though older ones that worked count no more and leave the failed ones behind", () => {
    const breaker = new Breaker();
    callTimes(breaker, 15, false, START);
    callTimes(breaker, 14, true, START + 5_000);
    callTimes(breaker, 1, false, START + 10_000);
    expect(breaker.state(START + 10_000)).toBe("closed");
  });

  test("not for failures of more than ten seconds ago", () => {
    const breaker = new Breaker();
    callTimes(breaker, 9, true, START);
    callTimes(breaker, 1, true, START + 10_000);
    expect(breaker.state(START + 10_000)).toBe("closed");
  });
});

describe("an open breaker", () => {
  test("lets one call through every two seconds", () => {
    const breaker = openBreaker();
    expect(breaker.admits(START + 1_999)).toBe(false);
    expect(breaker.state(START + 2_000)).toBe("half-open");
    expect([breaker.admits(START + 2_000), breaker.admits(START + 2_000)]).toEqual([true, false]);
    expect(breaker.admits(START + 4_000)).toBe(true);
  });

  test("closes when a trial works", () => {
    const breaker = openBreaker();
    breaker.admits(START + 2_000);
    breaker.record(START + 2_000, false, START + 2_010);
    expect(breaker.state(START + 2_010)).toBe("closed");
    expect([breaker.admits(START + 2_010), breaker.admits(START + 2_010)]).toEqual([true, true]);
  });

  test("stays open when a trial fails, and tries again", () => {
    const breaker = openBreaker();
    breaker.admits(START + 2_000);
    breaker.record(START + 2_000, true, START + 2_010);
    expect(breaker.admits(START + 3_999)).toBe(false);
    expect(breaker.admits(START + 4_000)).toBe(true);
  });

  test("is not held up by a trial whose end it never hears of", () => {
    const breaker = openBreaker();
    breaker.admits(START + 2_000);
    expect(breaker.admits(START + 4_000)).toBe(true);
  });

  test("learns nothing from calls that began before it opened or closed", () => {
    const breaker = openBreaker();
    breaker.record(START - 3_000, false, START + 100);
    expect(breaker.state(START + 100)).toBe("open");
    breaker.admits(START + 2_000);
    breaker.record(START + 2_000, false, START + 2_010);
    for (let call = 0; call < 20; call++) breaker.record(START - 3_000, true, START + 2_500);
    expect(breaker.state(START + 2_500)).toBe("closed");
  });
});
