// npm run build: types, every Worker as it would be deployed, and the Pages functions. Needs no account and no network.

import { join } from "node:path";
import { bundleAll } from "./lib/bundles.mjs";
import { runCommand } from "./lib/command.mjs";
import { installPackages } from "./lib/install.mjs";
import { buildPage } from "./lib/page.mjs";
import { root } from "./lib/paths.mjs";
import { checkTypes } from "./lib/types.mjs";
import { mustRunWrangler } from "./lib/wrangler.mjs";

await runCommand(async () => {
  installPackages();
  await checkTypes();
  console.log("types     fit");
  // The gateway's bundle holds the page.
  await buildPage();
  await bundleAll(join(root, "out"), (service, said) => {
    const size = /Total Upload: (.*)/.exec(said)?.[1] ?? "";
    console.log(`${service.padEnd(9)} ${size}`);
  });
  await bundlePagesFunctions();
  console.log("Everything builds; the bundles are in out/.");
  return 0;
});

async function bundlePagesFunctions() {
  const folder = join(root, "frontend/functions");
  await mustRunWrangler(
    ["pages", "functions", "build", folder, "--outdir", join(root, "out/pages")],
    "build the Pages functions",
  );
  console.log("pages     functions bundled");
}
