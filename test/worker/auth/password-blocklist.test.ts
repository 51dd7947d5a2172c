import { describe, expect, test } from "vitest";
import { isCommonPassword } from "../../../workers/auth/src/passwords/password-blocklist.ts";

describe("the commonest passwords", () => {
  test.each(["password", "password123", "PassWord123", "iloveyou", "qwertyuiop", "13101982"])(
    "hold %s, in any case",
    async (password) => expect(await isCommonPassword(password)).toBe(true),
  );

  test.each(["aaaaaaaa", "12121212", "AbcdAbcd", "0123456789", "abcdefghij", "87654321"])(
    "hold %s, which repeats or counts",
    async (password) => expect(await isCommonPassword(password)).toBe(true),
  );

  test.each(["a passphrase of john's", "correct horse battery", "пароль-про-кота", "acegikmo"])(
    "do not hold %s",
    async (password) => expect(await isCommonPassword(password)).toBe(false),
  );
});
