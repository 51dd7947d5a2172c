import { describe, expect, test } from "vitest";
import { describeError } from "../../../shared/log.ts";

describe("what is logged of an error", () => {
  test("holds its name and message", () => {
    expect(describeError(new TypeError("no such thing"))).toBe("TypeError: no such thing");
    expect(describeError("thrown text")).toBe("thrown text");
  });

  test("holds nothing of a failed query's parameters", () => {
    const error = new Error("Failed query: insert into user values (?, ?)\nparams: jane@example.com,two\nlines");
    expect(describeError(error)).toBe("Error: Failed query: insert into user values (?, ?)");
  });

  test("is never longer than a line should be", () => {
    expect(describeError(new Error("x".repeat(10_000)))).toHaveLength(500);
  });
});
