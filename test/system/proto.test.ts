import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");

test("the generated code is what the linted .proto files make", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["scripts/build-proto.mjs", "--check"], { cwd: ROOT });
  expect(stdout).toContain("is what the .proto files make");
});
