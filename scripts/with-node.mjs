// deno task start, deno task test: hands over to Node. Deno's own shell would take node_modules/.bin/node, which is a
// program, for a script; so the pinned Node is started by its path, or the system's before it is installed.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { pinnedNode } from "./lib/paths.mjs";

const node = existsSync(pinnedNode) ? pinnedNode : "node";
const child = spawn(node, process.argv.slice(2), { stdio: "inherit" });
child.on("error", () => {
  console.error("Node was not found: install Node 20 or newer with npm (https://nodejs.org) and try again.");
  process.exit(1);
});
child.on("close", (code) => process.exit(code ?? 1));
// The terminal sends Ctrl-C to both; this one stays until the other has finished its requests.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => child.kill("SIGTERM"));
