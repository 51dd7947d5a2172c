// What a failed login costs the auth Worker's process, of somebody known and of nobody.

import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { keptBundles } from "../../../scripts/lib/bundles.mjs";
import { writeConfig } from "../../../scripts/lib/config.mjs";
import { executeFile } from "../../../scripts/lib/database.mjs";
import { migrate } from "../../../scripts/lib/migrate.mjs";
import { layoutOf } from "../../../scripts/lib/paths.mjs";
import { readLocalSettings } from "../../../scripts/lib/read-settings.mjs";
import { makeSecrets } from "../../../scripts/lib/secrets.mjs";
import { startWorkers } from "../../../scripts/lib/workers.mjs";
import { processMeter } from "./process-meter.mjs";
import { workerdBelow } from "./workerd-processes.mjs";

/** A hash of random bytes: nobody's password, at the cost of everybody's. */
const HASH = "$argon2id$v=19$m=19456,t=2,p=1$b4zOOa/t9FztGC0Vqb0HDA$CySRUvPooKEZi0JlPhO/hApRUr3difm0kDeeQ1mHo5U";
/** The first logins compile the code. */
const WARM_UP_PAIRS = 10;

/**
 * @param {{ folder: string, pairs: number }} options where the copy's data lie; how many pairs of logins
 * @returns {Promise<{ knownMs: number, unknownMs: number, ratio: number }>} CPU per login; known over unknown
 */
export async function measureLogins({ folder, pairs }) {
  const all = pairs + WARM_UP_PAIRS;
  const layout = layoutOf(folder);
  makeSecrets();
  await migrate(layout);
  await addPeople(layout, all);
  const settings = readLocalSettings({ LOG_LEVEL: "error" });
  // Bundled beforehand: wrangler starts the runtime anew whenever a source changes, and the measured process is gone.
  const config = writeConfig("auth", layout.config, settings, await keptBundles());
  const workers = startWorkers({
    configs: [config],
    persistTo: layout.state,
    registry: layout.registry,
    onLine: () => {},
    onExit: () => {},
  });
  try {
    const address = await workers.ready;
    const meters = workerdBelow(process.pid).map(processMeter);
    const cpuMs = () => meters.reduce((sum, meter) => sum + meter.cpuMs(), 0);
    const spent = { known: 0, unknown: 0 };
    for (let pair = 0; pair < all; pair++) {
      const sides = pair % 2 === 0 ? ["known", "unknown"] : ["unknown", "known"];
      for (const side of sides) {
        const before = cpuMs();
        await failToLogIn(address, `${side}-${pair}@example.com`, pair);
        if (pair >= WARM_UP_PAIRS) spent[side] += cpuMs() - before;
      }
    }
    return { knownMs: spent.known / pairs, unknownMs: spent.unknown / pairs, ratio: spent.known / spent.unknown };
  } finally {
    await workers.stop();
  }
}

/** One person for each pair, because a name may fail ten times only. */
async function addPeople(layout, count) {
  const file = join(layout.home, "people.sql");
  const rows = Array.from({ length: count }, (_, number) => {
    const name = `known-${number}`;
    return `INSERT INTO users (id, email, username, username_key, password_hash, role, version, created_at, updated_at)
      VALUES ('${name}', '${name}@example.com', '${name}', '${name}', '${HASH}', 'user', 1, '2020', '2020');`;
  });
  writeFileSync(file, rows.join("\n"));
  await executeFile({ database: "auth", file, state: layout.state });
  rmSync(file);
}

/** Each pair comes from an address of its own, because an address may fail a hundred times only. */
async function failToLogIn({ host, port }, email, pair) {
  const response = await fetch(`http://${host}:${port}/login`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "CF-Connecting-IP": `10.0.${pair >> 8}.${pair & 255}` },
    body: JSON.stringify({ email, password: "not the one" }),
  });
  await response.text();
  if (response.status !== 401) throw new Error(`A wrong password was answered ${response.status}.`);
}
