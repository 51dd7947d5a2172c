import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");

test("the list of common passwords is what its pinned package makes", () => {
  const printed = execFileSync(process.execPath, ["scripts/build-blocklist.mjs", "--check"], { cwd: ROOT });
  expect(printed.toString()).toContain("is what its package makes");
});
