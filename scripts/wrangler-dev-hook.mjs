// What a bare `wrangler dev` in the root runs before its build: it sets the copy up and starts the other Workers.

import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runCommand } from "./lib/command.mjs";
import { localAdmin } from "./lib/first-admin.mjs";
import { layoutOf } from "./lib/paths.mjs";
import { ancestorNamed } from "./lib/process-tree.mjs";
import { runningCommands } from "./lib/running.mjs";
import { setUp } from "./lib/setup.mjs";

/** How long the gateway waits for the other Workers; it answers without them too, and says that they are missing. */
const COMPANIONS_MS = 20_000;

await runCommand(async () => {
  if (!isBareDev()) return 0;
  const layout = layoutOf();
  await setUp(layout);
  const admin = await localAdmin(layout);
  console.log(`Local admin: ${admin.email}  password: ${admin.password}`);
  startCompanions(layout);
  await companionsAreUp(layout);
  return 0;
});

/** Our own commands, the tests and a deploy run the same build command and need nothing of this. */
function isBareDev() {
  const { WRANGLER_COMMAND, HALFTONE_COMMAND, VITEST } = process.env;
  return WRANGLER_COMMAND === "dev" && HALFTONE_COMMAND === undefined && VITEST === undefined;
}

function companionsRun(layout) {
  return runningCommands(layout).some((command) => command.services.includes("auth"));
}

/** wrangler starts the gateway when this command ends, so that its first answer can already use the others. */
async function companionsAreUp(layout) {
  const deadline = Date.now() + COMPANIONS_MS;
  while (!companionsRun(layout) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 200));
}

function startCompanions(layout) {
  // wrangler builds again when a file changes; the companions run on.
  if (companionsRun(layout)) return;
  const wrangler = ancestorNamed("wrangler");
  mkdirSync(layout.logs, { recursive: true });
  const output = openSync(join(layout.logs, "companions.log"), "a", 0o600);
  const script = fileURLToPath(new URL("lib/companions.mjs", import.meta.url));
  const child = spawn(process.execPath, [script, String(wrangler)], {
    detached: true,
    stdio: ["ignore", output, output],
  });
  child.unref();
  closeSync(output);
}
