import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");

/** Half a minute of computing on several cores. */
const TIMEOUT_MS = 300_000;

test("format, lint, the import rules and strict types are in order", { timeout: TIMEOUT_MS }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["scripts/check.mjs"], { cwd: ROOT });
  expect(stdout).toContain("in order");
});
