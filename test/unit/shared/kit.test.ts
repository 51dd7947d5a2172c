import { describe, expect, test } from "vitest";
import * as z from "zod";
import { continueTrace, requestIdOf, traceIdOf } from "../../../shared/http/trace.ts";
import { isId, newId } from "../../../shared/ids.ts";
import { duration, SettingsError, secret, settingsReader } from "../../../shared/settings.ts";

describe("ids", () => {
  test("are UUIDs of version 7 that carry their time in the first 48 bits", () => {
    const later = Date.now() + 60_000;
    const id = newId(later);
    expect(isId(id)).toBe(true);
    expect(id).toMatch(/^.{14}7.{4}[89ab]/);
    expect(Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16)).toBe(later);
  });

  test("sort in the order they were made, also within a millisecond and when the clock goes back", () => {
    const now = Date.now() + 120_000;
    const ids = Array.from({ length: 20_000 }, (_, i) => newId(now - (i % 3)));
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test.each(["", "1", "../../etc/passwd", "01A1F8C6-1FBC-7BD7-84F5-0B9FA8C1D59E", `${newId()} `])(
    "do not look like %j",
    (text) => {
      expect(isId(text)).toBe(false);
    },
  );
});

describe("settings", () => {
  const read = settingsReader(z.object({ LIFE: duration, KEY: secret }));
  const KEY = "x".repeat(16) + "y".repeat(16);

  test.each([
    ["15m", 900_000],
    ["7d", 604_800_000],
    ["24h", 86_400_000],
    ["300ms", 300],
  ])("read the duration %s as milliseconds", (LIFE, expected) => {
    expect(read({ LIFE, KEY }).LIFE).toBe(expected);
  });

  test.each([
    ["a short secret", { LIFE: "1s", KEY: "short" }, /KEY .*at least 32 characters/],
    ["an example secret", { LIFE: "1s", KEY: "your-very-secure-random-secret-min-32-chars" }, /KEY .*example value/],
    ["a duration without a unit", { LIFE: "15", KEY }, /LIFE .*15m, 24h or 7d/],
    ["a missing setting", { LIFE: "1s" }, /KEY/],
  ])("refuse %s by name", (_what, env, message) => {
    expect(() => read(env)).toThrow(SettingsError);
    expect(() => read(env)).toThrow(message);
  });

  test("never repeat the broken value, which may be a secret", () => {
    expect(() => read({ LIFE: "1s", KEY: "hunter2" })).not.toThrow(/hunter2/);
    expect(() => read({ LIFE: "1s", KEY: "hunter2" })).toThrow();
  });
});

describe("traces", () => {
  const request = (headers: Record<string, string>) => new Request("http://halftone.test/", { headers });

  test("continue the caller's trace with a span of their own", () => {
    const given = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
    const own = continueTrace(given);
    expect(traceIdOf(own)).toBe("4bf92f3577b34da6a3ce929d0e0e4736");
    expect(own).not.toBe(given);
    expect(own.endsWith("-00")).toBe(true);
  });

  test.each(["", "nonsense", "00-xyz-abc-01", "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"])(
    "begin anew after %j",
    (traceparent) => {
      expect(continueTrace(traceparent)).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    },
  );

  test("begin anew where there is none", () => {
    expect(continueTrace(null)).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  });

  test("keep a caller's request id only when it is harmless in a log", () => {
    expect(requestIdOf(request({ "X-Request-Id": "order-77.a_b" }))).toBe("order-77.a_b");
    expect(requestIdOf(request({ "X-Request-Id": '{"a":1}' }))).toMatch(/^[0-9a-f-]{36}$/);
    expect(requestIdOf(request({ "X-Request-Id": "a".repeat(65) }))).toMatch(/^[0-9a-f-]{36}$/);
  });
});
