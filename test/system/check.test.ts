import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");

test("format, lint, the import rules and strict types are in order", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["scripts/check.mjs"], { cwd: ROOT });
  expect(stdout).toContain("in order");
});
