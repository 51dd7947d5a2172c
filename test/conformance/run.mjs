/**
 * Runs the examples of the five source systems against a running Halftone, one check for each row of docs/mission.md:
 *
 *   node test/conformance/run.mjs http://127.0.0.1:8080 [--only S2.41] [--json file] [--timeout seconds]
 *
 * Ends with `conformance: N passed, N failed, N open`, and with exit code 1 when a check failed.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { CHECKS } from "./checks/index.mjs";
import { createClient } from "./lib/client.mjs";
import { readOptions, UsageError } from "./lib/options.mjs";
import { lineOf, summaryOf } from "./lib/report.mjs";
import { runChecks } from "./lib/runner.mjs";
import { createSystem } from "./lib/system.mjs";
import { sleep } from "./lib/wait.mjs";

/** A system that has just been started may need a moment before its door opens. */
const DOOR_PATIENCE_MS = 15_000;
const DOOR_PAUSE_MS = 500;

const openRows = JSON.parse(readFileSync(new URL("./open-rows.json", import.meta.url), "utf8"));

async function main() {
  const options = readOptions(process.argv.slice(2), CHECKS);
  const client = createClient(options.baseUrl, options.timeoutMs);
  await waitForDoor(client, options.baseUrl);

  const chosen = CHECKS.filter(({ row }) => options.only.length === 0 || options.only.includes(row));
  const system = createSystem(client);
  const results = await runChecks(chosen, { system, openRows, timeoutMs: options.timeoutMs }, (result) => {
    console.log(lineOf(result));
  });

  if (options.jsonFile !== null) writeFileSync(options.jsonFile, `${JSON.stringify(results, null, 2)}\n`);
  console.log(summaryOf(results));
  return results.some(({ outcome }) => outcome === "FAIL") ? 1 : 0;
}

async function waitForDoor(client, baseUrl) {
  const deadline = Date.now() + DOOR_PATIENCE_MS;
  while (Date.now() < deadline) {
    const reached = await client.get("/health").catch(() => null);
    if (reached !== null) return;
    await sleep(DOOR_PAUSE_MS);
  }
  throw new UsageError(`Nothing answers at ${baseUrl}. Start the system first (npm start), or give its address.`);
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
