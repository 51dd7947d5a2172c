import { describe, expect, test } from "vitest";
import { usernameCandidates } from "../../../shared/accounts/usernames.ts";
import { Username } from "../../../shared/contracts/users.ts";

describe("user names made from an address", () => {
  test("begin with the local part, then count, then draw digits", () => {
    const names = [...usernameCandidates("john@example.com")];
    expect(names.slice(0, 3)).toEqual(["john", "john2", "john3"]);
    expect(names.at(-1)).toMatch(/^john\d{6}$/);
    expect(new Set(names).size).toBe(names.length);
  });

  test.each(["a@x.org", "_@x.org", "+tag@x.org", "jürgen@x.org", `${"x".repeat(64)}@x.org`, '"a@b"@x.org', "-@x.org"])(
    "are user names that %s could have chosen",
    (email) => {
      for (const name of usernameCandidates(email))
        expect([name, Username.safeParse(name).success]).toEqual([name, true]);
    },
  );
});
