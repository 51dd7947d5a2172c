import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { measureLogins } from "../bench/lib/logins.mjs";

const home = mkdtempSync(join(tmpdir(), "halftone-logins-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Without a hash to check for nobody it would be about ten; test/long holds the narrow bounds. */
const WIDE = 1.5;

test.runIf(process.platform === "linux")("a wrong password costs work for nobody too", async () => {
  const { ratio } = await measureLogins({ folder: home, pairs: 20 });
  expect(ratio).toBeGreaterThan(1 / WIDE);
  expect(ratio).toBeLessThan(WIDE);
});
