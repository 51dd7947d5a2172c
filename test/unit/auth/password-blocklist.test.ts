import { describe, expect, test } from "vitest";
import { isCommonPassword } from "../../../workers/auth/src/password-blocklist.ts";

describe("the commonest passwords", () => {
  test("are known in any case", () => {
    expect(isCommonPassword("password123")).toBe(true);
    expect(isCommonPassword("PassWord123")).toBe(true);
    expect(isCommonPassword("a passphrase of john's")).toBe(false);
  });
});
