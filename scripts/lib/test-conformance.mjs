// Runs the source systems' examples against a fresh copy of Halftone and counts what the runner says.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startHalftone } from "./halftone.mjs";
import { eachLine } from "./log-lines.mjs";
import { pinnedNode, root } from "./paths.mjs";

/** The runner makes far more requests a minute than a person may. */
const vars = { RATE_LIMIT: "100000", LOG_LEVEL: "warn" };
/** The runner is done when the copy is stopped, so nothing is worth waiting for. */
const DRAIN_MS = 2000;
const SUMMARY = /^conformance: (\d+) passed, (\d+) failed, \d+ open$/;

/** @returns {Promise<{ passed: number, failed: number }>} */
export async function runConformance() {
  const folder = mkdtempSync(join(tmpdir(), "halftone-conformance-"));
  const halftone = await startHalftone({
    state: join(folder, "state"),
    vars,
    bundled: true,
    admin: false,
    print: console.log,
  });
  try {
    return await runRunner(halftone);
  } finally {
    await halftone.stop(DRAIN_MS);
    rmSync(folder, { recursive: true });
  }
}

function runRunner({ url }) {
  const script = join(root, "test/conformance/run.mjs");
  let counts = { passed: 0, failed: 0 };
  return new Promise((resolve, reject) => {
    const child = spawn(pinnedNode, [script, url], { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
    eachLine(child.stdout, (line) => {
      console.log(line);
      const summary = SUMMARY.exec(line);
      if (summary !== null) counts = { passed: Number(summary[1]), failed: Number(summary[2]) };
    });
    child.on("error", reject);
    // A runner that ends badly without a count has failed as a whole.
    child.on("close", (code) => resolve(code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts));
  });
}
