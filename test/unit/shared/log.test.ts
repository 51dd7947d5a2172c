import { afterEach, describe, expect, test, vi } from "vitest";
import { createLogger, describeError, LOG_LEVELS } from "../../../shared/log.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("LOG_LEVEL", () => {
  /** The levels of the lines that a logger with this setting writes. */
  function levelsWritten(setting: string): string[] {
    const written = vi.spyOn(console, "log").mockReturnValue(undefined);
    const log = createLogger({ SERVICE_NAME: "orders", LOG_LEVEL: setting }).with({ requestId: "r" });
    for (const level of LOG_LEVELS) log[level]("something");
    return written.mock.calls.map(([line]) => JSON.parse(String(line)).level);
  }

  test.each([
    ["debug", ["debug", "info", "warn", "error"]],
    ["info", ["info", "warn", "error"]],
    ["warn", ["warn", "error"]],
    ["error", ["error"]],
  ])("%s lets through %j", (setting, levels) => {
    expect(levelsWritten(setting)).toEqual(levels);
  });

  test("that is none lets everything through, so that it does not hide the lines that tell of it", () => {
    expect(levelsWritten("loud")).toEqual([...LOG_LEVELS]);
  });
});

describe("what is logged of an error", () => {
  test("holds its name and message", () => {
    expect(describeError(new TypeError("no such thing"))).toBe("TypeError: no such thing");
    expect(describeError("thrown text")).toBe("thrown text");
  });

  test("holds nothing of a failed query's parameters", () => {
    const error = new Error("Failed query: insert into user values (?, ?)\nparams: jane@example.com,two\nlines");
    expect(describeError(error)).toBe("Error: Failed query: insert into user values (?, ?)");
  });

  test("says why a query failed, once, and not where", () => {
    const why =
      "D1_ERROR: Failed to parse body as JSON, got: Error: internal error; reference = 7k\n    at D1 (file:///x.js:1)";
    const cause = new Error(why, { cause: new Error(why.replace("D1_ERROR: ", "")) });
    const error = new Error("Failed query: select 1\nparams: jane@example.com", { cause });
    const said = "D1_ERROR: Failed to parse body as JSON, got: Error: internal error; reference = 7k";
    expect(describeError(error)).toBe(`Error: Failed query: select 1 <- Error: ${said}`);
  });

  test("is never longer than a line should be", () => {
    expect(describeError(new Error("x".repeat(10_000)))).toHaveLength(500);
  });
});
