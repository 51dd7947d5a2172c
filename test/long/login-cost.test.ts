import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { measureLogins } from "../bench/lib/logins.mjs";

const home = mkdtempSync(join(tmpdir(), "halftone-logins-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Counted in CPU and in interleaved pairs, so that a busy machine slows both sides alike. */
test.runIf(process.platform === "linux")(
  "a wrong password costs as much for somebody known as for nobody",
  async () => {
    const { ratio } = await measureLogins({ folder: home, pairs: 200 });
    expect(ratio).toBeGreaterThan(0.95);
    expect(ratio).toBeLessThan(1.05);
  },
  300_000,
);
