// npm run bench:gateway: what the gateway adds to the services behind it, and what it takes to turn somebody away. Prints
// docs/benchmarks-gateway.md and writes it. Linux only: CPU time is read from /proc. `--rounds <n>` for more or fewer
// than five rounds.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import sharp from "sharp";
import { runCommand, Stop } from "../../scripts/lib/command.mjs";
import { root } from "../../scripts/lib/paths.mjs";
import { makeCases, measureCase } from "./lib/gateway-cases.mjs";
import { writeGatewayReport } from "./lib/gateway-report.mjs";
import { startGateway } from "./lib/gateway-workers.mjs";

const DEFAULT_ROUNDS = "5";
/** For each side of a round: some hundred of the ticks in which Linux counts CPU. */
const REQUESTS = 2_000;
/** So high that only the class with a limit of its own blocks anybody. */
const RATE_LIMIT = "10000000";
/** One colour: as JPEG it is hardly more than its header, so that what is measured is the way to it. */
const SMALL = { width: 256, height: 256, channels: 3, background: "#335566" };
/** Grain, as photos have it. At that size and quality it becomes a WebP of about 250 KB, like the `large` of a photo. */
const LARGE = { width: 1920, height: 1440, channels: 3, noise: { type: "gaussian", mean: 128, sigma: 11 } };
const LARGE_QUALITY = 60;

await runCommand(async () => {
  if (process.platform !== "linux") throw new Stop("This bench reads /proc and runs on Linux only.");
  const { values } = parseArgs({ options: { rounds: { type: "string", default: DEFAULT_ROUNDS } } });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Stop("--rounds takes a whole number from 1.");

  const folder = mkdtempSync(join(tmpdir(), "halftone-gateway-"));
  const photos = {
    small: await sharp({ create: SMALL }).jpeg().toBuffer(),
    large: await sharp({ create: LARGE }).webp({ quality: LARGE_QUALITY }).toBuffer(),
  };
  const workers = await startGateway({ folder, vars: { RATE_LIMIT } });
  try {
    const rows = [];
    for (const one of await makeCases(workers, photos)) {
      rows.push({ name: one.name, ...(await measureCase(workers, one, { rounds, requests: REQUESTS })) });
    }
    const report = writeGatewayReport({ rounds, requests: REQUESTS, photos, rows });
    console.log(report);
    writeFileSync(join(root, "docs/benchmarks-gateway.md"), report);
  } finally {
    await workers.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return 0;
});
