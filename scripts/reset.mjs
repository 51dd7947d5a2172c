// npm run reset: empties the local copy. Accounts, images, orders and the log are gone afterwards; secrets stay.

import { rmSync } from "node:fs";
import { join } from "node:path";
import { runCommand, Stop } from "./lib/command.mjs";
import { layoutOf } from "./lib/paths.mjs";
import { runningCommands } from "./lib/running.mjs";

await runCommand(async () => {
  const layout = layoutOf();
  const [running] = runningCommands(layout);
  if (running !== undefined)
    throw new Stop(`Halftone runs at ${running.url}: stop process ${running.pid} first, then reset.`);
  // By name, so that a HALFTONE_STATE that points at the wrong folder costs nobody their files.
  const { state, home, resizerState, registry, logs, config, stamps, admin } = layout;
  const made = [join(state, "v3"), resizerState, registry, logs, config, stamps, layout.running, admin];
  for (const path of made) rmSync(path, { recursive: true, force: true });
  console.log(`The local data in ${home} is gone. npm start begins anew.`);
  return 0;
});
