// npm run bench:orders: what an order costs beside a bare Worker over the same database, and how fast facts get into the
// logs and on to their subscribers. Prints docs/benchmarks-orders.md and writes it. Linux only: CPU time is read from
// /proc. `--rounds <n>` for more or fewer than seven rounds.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runCommand, Stop } from "../../scripts/lib/command.mjs";
import { root, services } from "../../scripts/lib/paths.mjs";
import { measureFacts } from "./lib/fact-rates.mjs";
import { startGateway } from "./lib/gateway-workers.mjs";
import { median } from "./lib/median.mjs";
import { measureOrders } from "./lib/order-costs.mjs";
import { writeOrdersReport } from "./lib/orders-report.mjs";

const DEFAULT_ROUNDS = "7";
/** For each side of a round: some hundred of the ticks in which Linux counts CPU. */
const REQUESTS = 1_000;
const FACTS = 10_000;
const PER_COMMIT = 50;
/** Into how many logs they go. */
const LOGS = [1, 20];

await runCommand(async () => {
  if (process.platform !== "linux") throw new Stop("This bench reads /proc and runs on Linux only.");
  const { values } = parseArgs({ options: { rounds: { type: "string", default: DEFAULT_ROUNDS } } });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Stop("--rounds takes a whole number from 1.");

  const costs = await within(
    { beside: { "bare-orders": { script: "bare-orders.mjs", bindings: ordersStorage } } },
    (workers) => measureOrders(workers, { rounds, requests: REQUESTS }),
  );
  const facts = await within(
    {
      // As it is by default: here the relay has work to do.
      vars: { OUTBOX_LEASE_MS: "5000" },
      measured: services.filter((service) => service !== "resizer"),
      beside: { "facts-writer": { script: "facts-writer.mjs", bindings: ordersStorage } },
    },
    (workers) => factRates(workers, rounds),
  );
  const report = writeOrdersReport({
    rounds,
    requests: REQUESTS,
    facts: FACTS,
    perCommit: PER_COMMIT,
    costs,
    rates: facts,
  });
  console.log(report);
  writeFileSync(join(root, "docs/benchmarks-orders.md"), report);
  return 0;
});

/** Starts the Workers anew, in an empty folder, and stops them in the end. */
async function within(options, measure) {
  const folder = mkdtempSync(join(tmpdir(), "halftone-orders-"));
  const workers = await startGateway({ folder, vars: {}, ...options });
  try {
    return await measure(workers);
  } finally {
    await workers.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Everything that the orders Worker stores is reached by others too. */
function ordersStorage(built) {
  const { d1Databases } = built.find(({ name }) => name === "halftone-orders");
  return { d1Databases, durableObjects: { RELAY: { className: "Relay", scriptName: "halftone-orders" } } };
}

async function factRates(workers, rounds) {
  let start = 0;
  const rates = [];
  for (const accounts of LOGS) {
    const turns = [];
    for (let round = 0; round < rounds; round++) {
      turns.push(await measureFacts(workers, { facts: FACTS, perCommit: PER_COMMIT, accounts, start }));
      start += FACTS;
    }
    const names = Object.keys(turns[0]);
    rates.push(Object.fromEntries(names.map((name) => [name, median(turns.map((turn) => turn[name]))])));
  }
  return rates;
}
