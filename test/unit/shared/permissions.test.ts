import { describe, expect, test } from "vitest";
import {
  isForKeys,
  keyScopesOf,
  PERMISSION_NAMES,
  permissionsOf,
  ROLES,
} from "../../../shared/contracts/permissions.ts";

/** What only admins have. */
const ADMIN_ONLY = ["orders:manage", "audit:read-all", "users:read", "users:write", "system:manage"];

describe("a role", () => {
  test("gives an admin everything, and a user all but what reaches other people", () => {
    expect([...permissionsOf("admin", null)].sort()).toEqual([...PERMISSION_NAMES].sort());
    const others = PERMISSION_NAMES.filter((name) => !ADMIN_ONLY.includes(name));
    expect([...permissionsOf("user", null)].sort()).toEqual(others.sort());
  });
});

describe("the scope of a key", () => {
  test("narrows its owner's role and never widens it", () => {
    expect([...permissionsOf("user", "images:read orders:manage")]).toEqual(["images:read"]);
    expect([...permissionsOf("admin", "images:read orders:manage")]).toEqual(["images:read", "orders:manage"]);
  });

  test.each(["", " ", "everything", "images", "Images:Read", "__proto__", "constructor", "images:read,orders:read"])(
    "gives nothing when it is %j",
    (scope) => {
      for (const role of ROLES) expect(permissionsOf(role, scope).size).toBe(0);
    },
  );

  test("can never be the one over credentials", () => {
    for (const role of ROLES) {
      expect(permissionsOf(role, PERMISSION_NAMES.join(" ")).has("credentials:manage")).toBe(false);
      expect(keyScopesOf(role)).not.toContain("credentials:manage");
      expect(keyScopesOf(role).every(isForKeys)).toBe(true);
    }
  });
});
