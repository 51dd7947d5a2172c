import { describe, expect, test } from "vitest";
import { isOutage } from "../../../shared/http/outage.ts";

const failedQuery = (reason: string) => new Error("Failed query: select 1", { cause: new Error(reason) });

describe("an outage, which may be over at the next try, is", () => {
  test.each([
    "D1_ERROR: Failed to parse body as JSON, got: Error: internal error; reference = 7kivpd80",
    "D1_ERROR: Network connection lost.",
    "D1_ERROR: D1 DB is overloaded. Requests queued for too long.",
    "D1_ERROR: Internal error in D1 DB storage caused object to be reset.",
    "D1_ERROR: D1 DB reset because its code was updated.",
    "database is locked: SQLITE_BUSY",
  ])("a query that failed for: %s", (reason) => {
    expect(isOutage(failedQuery(reason))).toBe(true);
  });

  test.each(["retryable", "overloaded"])("an object that was not asked, by its error's %s", (flag) => {
    expect(isOutage(Object.assign(new Error("The object is away."), { [flag]: true }))).toBe(true);
  });
});

describe("a bug, which stays one, is", () => {
  test.each([
    failedQuery("D1_ERROR: no such column: nme at offset 7: SQLITE_ERROR"),
    failedQuery("D1_ERROR: NOT NULL constraint failed: orders.user_id: SQLITE_CONSTRAINT"),
    Object.assign(new TypeError("x is undefined"), { retryable: false, remote: true }),
    "a thrown text",
  ])("%s", (error) => {
    expect(isOutage(error)).toBe(false);
  });
});
