// npm run bench:bytes: what lists of photos and their links cost. Prints docs/benchmarks-bytes.md and writes it. Linux only:
// CPU time is read from /proc. `--rounds <n>` for more or fewer than seven rounds.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runCommand, Stop } from "../../scripts/lib/command.mjs";
import { root } from "../../scripts/lib/paths.mjs";
import { writeBytesReport } from "./lib/bytes-report.mjs";
import { fillCollections } from "./lib/collections.mjs";
import { startGateway } from "./lib/gateway-workers.mjs";
import { compareLoads } from "./lib/load.mjs";
import { measureSigning } from "./lib/signing.mjs";

const DEFAULT_ROUNDS = "7";
/** For each side of a round: dozens of the ticks in which Linux counts CPU. */
const REQUESTS = 300;
/** How many photos the people have whose lists are compared. */
const COLLECTIONS = [10, 100, 1_000, 10_000, 100_000];
/** Everybody else's photos, all of them newer. */
const OTHERS = 100_000;

await runCommand(async () => {
  if (process.platform !== "linux") throw new Stop("This bench reads /proc and runs on Linux only.");
  const { values } = parseArgs({ options: { rounds: { type: "string", default: DEFAULT_ROUNDS } } });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Stop("--rounds takes a whole number from 1.");

  const folder = mkdtempSync(join(tmpdir(), "halftone-bytes-"));
  const workers = await startGateway({ folder, vars: {} });
  try {
    const people = await fillCollections(workers, { collections: COLLECTIONS, others: OTHERS });
    const images = await workers.service("images");
    const asked = (query, { headers }) => ({ url: `${images}/api/images?${query}`, headers });
    const measure = (sides) => compareLoads(sides, { meter: workers.meter, rounds, requests: REQUESTS });
    const lists = async (query, those) =>
      measure(Object.fromEntries(those.map((person) => [person.count, asked(query, person)])));
    const one = people.find(({ count }) => count === 1_000);
    const report = writeBytesReport({
      rounds,
      requests: REQUESTS,
      others: OTHERS,
      ten: await lists("limit=10", people),
      fifty: await lists("limit=50", people.slice(1)),
      byName: await lists("limit=50&sort=originalName", people.slice(1)),
      search: await lists("limit=50&search=777", people.slice(1)),
      gallery: await measure({
        plain: asked("limit=100", one),
        expanded: asked("limit=100&expand=sizes&sign=1h", one),
      }),
      signing: await measureSigning({ rounds }),
    });
    console.log(report);
    writeFileSync(join(root, "docs/benchmarks-bytes.md"), report);
  } finally {
    await workers.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return 0;
});
