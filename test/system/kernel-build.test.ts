import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

/** Nearly all of it the first time, when 100 MB of packages are fetched; compiling takes a quarter of a minute. */
const FIVE_MINUTES_MS = 300_000;

const ROOT = join(import.meta.dirname, "../..");

test("kernel.wasm is, byte for byte, what its sources and the pinned packages make", {
  timeout: FIVE_MINUTES_MS,
}, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["scripts/build-kernel.mjs", "--check"], {
    cwd: ROOT,
  });
  expect(stdout).toContain("is what its sources make");
});
