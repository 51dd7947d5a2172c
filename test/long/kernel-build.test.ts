import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");

test("kernel.wasm is, byte for byte, what its sources and the pinned packages make", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["scripts/build-kernel.mjs", "--check"], {
    cwd: ROOT,
  });
  expect(stdout).toContain("is what its sources make");
});
