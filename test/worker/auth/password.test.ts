import { describe, expect, test } from "vitest";
import { hashPassword, verifyPassword } from "../../../workers/auth/src/passwords/password.ts";

/** Made by Node's own argon2 of the same parameters: the bytes that other implementations agree on. */
const REFERENCE_PASSWORD = "пароль-12";
const REFERENCE_HASH =
  "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$+jbfETW6fUDdU1+O2u8I3YCzVCLZmUXIhfN0Z8ayOVo";

describe("hashing a password", () => {
  test("makes an argon2id PHC string of 19 MiB, two passes and one lane, with a fresh salt", () => {
    const [one, two] = [hashPassword("password123"), hashPassword("password123")];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(one).not.toBe(two);
  });

  test.each(["password123", "пароль-пароль", "🔑🔑🔑🔑 emoji", "with \0 a zero", " spaces around "])(
    "accepts %j again and nothing near it",
    async (password) => {
      const hash = hashPassword(password);
      expect(await verifyPassword(password, hash)).toBe(true);
      for (const near of [`${password} `, `${password}\0`, password.slice(0, -1), password.toUpperCase()]) {
        expect(await verifyPassword(near, hash)).toBe(false);
      }
    },
  );

  test("tells apart passwords whose difference lies in their last letters, in any script", async () => {
    expect(await verifyPassword("пароль-про-кота", hashPassword("пароль-про-слон"))).toBe(false);
  });

  test("agrees with other implementations beyond ASCII", async () => {
    expect(await verifyPassword(REFERENCE_PASSWORD, REFERENCE_HASH)).toBe(true);
    expect(await verifyPassword("пароль-13", REFERENCE_HASH)).toBe(false);
  });

  test("is false without a hash, whatever the password", async () => {
    expect(await verifyPassword("", null)).toBe(false);
    expect(await verifyPassword("password123", null)).toBe(false);
  });

  test("throws at a hash that it cannot read, and works again afterwards", async () => {
    await expect(verifyPassword("password123", "$argon2id$v=19$m=1")).rejects.toThrow("password hash");
    expect(await verifyPassword(REFERENCE_PASSWORD, REFERENCE_HASH)).toBe(true);
  });
});
