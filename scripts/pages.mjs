// npm run pages: the Pages project as it would be deployed, with every Worker behind it, on one local port.

import { spawn } from "node:child_process";
import { join } from "node:path";
import { runCommand } from "./lib/command.mjs";
import { writeConfig } from "./lib/config.mjs";
import { assertPortIsFree } from "./lib/loopback.mjs";
import { layoutOf, pinnedNode, root, services } from "./lib/paths.mjs";
import { readLocalSettings } from "./lib/read-settings.mjs";
import { assertNotRunning } from "./lib/running.mjs";
import { setUp } from "./lib/setup.mjs";
import { toolEnvironment, wranglerScript } from "./lib/wrangler.mjs";

/** Where wrangler puts Pages projects when nobody says otherwise. */
const DEFAULT_PORT = 8788;

await runCommand(async () => {
  const layout = layoutOf();
  const overrides = readLocalSettings(process.env);
  assertNotRunning(layout, services);
  const port = Number(process.env.PORT || DEFAULT_PORT);
  await assertPortIsFree(port);
  await setUp(layout);
  const configs = services.flatMap((service) => ["-c", writeConfig(service, layout.config, overrides)]);
  const args = [
    "pages",
    "dev",
    "-c",
    "wrangler.toml",
    ...configs,
    "--persist-to",
    layout.state,
    "--port",
    String(port),
  ];
  return run(
    [...args, "--ip", "127.0.0.1", "--show-interactive-dev-session=false"],
    toolEnvironment({ registry: layout.registry }),
  );
});

/** In the terminal's own process group, so that Ctrl-C reaches wrangler directly. */
function run(args, env) {
  const child = spawn(pinnedNode, [wranglerScript, ...args], { cwd: join(root, "frontend"), env, stdio: "inherit" });
  for (const name of ["SIGINT", "SIGTERM"]) process.on(name, () => child.kill(name));
  return new Promise((resolve) => child.on("close", (code) => resolve(code ?? 0)));
}
