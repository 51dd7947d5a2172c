// npm run doctor: looks at everything a start needs and says what to do about what is missing. Changes nothing.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand, Stop } from "./lib/command.mjs";
import { isInstalled } from "./lib/install.mjs";
import { assertPortIsFree } from "./lib/loopback.mjs";
import { filesBelow, layoutOf, root, secretsFileOf, services } from "./lib/paths.mjs";
import { readPort, readSettings, requiredSecretsOf } from "./lib/read-settings.mjs";
import { runningCommands } from "./lib/running.mjs";
import { checkSecrets } from "./lib/secrets.mjs";
import { digestOf } from "./lib/stamp.mjs";

const STARTS_DO_IT = "npm start does it";
const layout = layoutOf();

/** Each check says what is well, or throws a Stop that says what to do. */
const checks = {
  Node: () => process.versions.node,
  npm: () => {
    const npm = spawnSync("npm", ["--version"], { encoding: "utf8", shell: process.platform === "win32" });
    if (npm.status !== 0) throw new Stop("not found: install Node with npm (https://nodejs.org)");
    return npm.stdout.trim();
  },
  packages: () => (isInstalled() ? "as in package-lock.json" : `not as in package-lock.json: ${STARTS_DO_IT}`),
  settings: () => {
    const given = Object.keys(readSettings(process.env));
    return given.length === 0 ? "all at their defaults" : `from the environment: ${given.join(", ")}`;
  },
  secrets: () => {
    const lacking = services.filter(
      (service) => requiredSecretsOf(service).length > 0 && !existsSync(secretsFileOf(service)),
    );
    if (lacking.length > 0) return `not made yet for ${lacking.join(", ")}: ${STARTS_DO_IT}`;
    for (const service of services) checkSecrets(service);
    return "long enough";
  },
  port: async () => {
    const [running] = runningCommands(layout);
    if (running !== undefined) return `Halftone runs at ${running.url} (process ${running.pid})`;
    await assertPortIsFree(readPort(process.env));
    return `${readPort(process.env)} is free`;
  },
  databases: () => {
    const stamp = join(layout.stamps, "migrations");
    const newest = digestOf(filesBelow(join(root, "migrations")));
    if (!existsSync(stamp)) return `not made yet: ${STARTS_DO_IT}`;
    return readFileSync(stamp, "utf8") === newest ? "at the newest schema" : `behind the migrations: ${STARTS_DO_IT}`;
  },
  data: () => (existsSync(layout.home) ? layout.home : `none yet in ${layout.home}`),
};

await runCommand(async () => {
  let troubles = 0;
  for (const [name, check] of Object.entries(checks)) {
    try {
      console.log(`ok       ${name.padEnd(10)} ${await check()}`);
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
      troubles += 1;
      console.log(`TROUBLE  ${name.padEnd(10)} ${error.message}`);
    }
  }
  return troubles === 0 ? 0 : 1;
});
