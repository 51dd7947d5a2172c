// The Workers beside the gateway of a bare `wrangler dev`. They end when it ends.

import { runCommand } from "./command.mjs";
import { startHalftone } from "./halftone.mjs";
import { services } from "./paths.mjs";

/** How often it is looked whether wrangler is still there. */
const PARENT_CHECK_MS = 500;

await runCommand(async () => {
  const wrangler = Number(process.argv[2]);
  const others = services.filter((service) => service !== "gateway");
  // The gateway finds them through the registry, so it must be the one that its wrangler uses (see .env).
  const registry = process.env.WRANGLER_REGISTRY_PATH;
  const companions = await startHalftone({ services: others, admin: false, registry, print: console.log });
  while (isAlive(wrangler)) await new Promise((resolve) => setTimeout(resolve, PARENT_CHECK_MS));
  await companions.stop(0);
  return 0;
});

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
