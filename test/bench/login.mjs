// npm run bench:login: the CPU of a failed login, of a known name against an unknown one, in interleaved pairs. Linux
// only: CPU time is read from /proc. `--pairs <n>` for more or fewer than 200 pairs.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runCommand, Stop } from "../../scripts/lib/command.mjs";
import { measureLogins } from "./lib/logins.mjs";

await runCommand(async () => {
  if (process.platform !== "linux") throw new Stop("This bench reads /proc and runs on Linux only.");
  const { values } = parseArgs({ options: { pairs: { type: "string", default: "200" } } });
  const pairs = Number(values.pairs);
  if (!Number.isInteger(pairs) || pairs < 1) throw new Stop("--pairs takes a whole number from 1.");

  const folder = mkdtempSync(join(tmpdir(), "halftone-logins-"));
  try {
    const { knownMs, unknownMs, ratio } = await measureLogins({ folder, pairs });
    console.log(`${pairs} pairs of failed logins, CPU of the runtime for each:`);
    console.log(`known ${knownMs.toFixed(1)} ms, unknown ${unknownMs.toFixed(1)} ms, ratio ${ratio.toFixed(3)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return 0;
});
