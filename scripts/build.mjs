// npm run build: types, every Worker as it would be deployed, and the Pages functions. Needs no account and no network.

import { join } from "node:path";
import { runCommand } from "./lib/command.mjs";
import { installPackages } from "./lib/install.mjs";
import { buildPage } from "./lib/page.mjs";
import { manifestOf, root, services } from "./lib/paths.mjs";
import { checkTypes } from "./lib/types.mjs";
import { mustRunWrangler } from "./lib/wrangler.mjs";

/** Each bundling keeps a core busy. */
const AT_ONCE = 2;

await runCommand(async () => {
  installPackages();
  await checkTypes();
  console.log("types     fit");
  // The gateway's bundle holds the page.
  await buildPage();
  const waiting = [...services];
  await Promise.all(Array.from({ length: AT_ONCE }, () => bundleAll(waiting)));
  await bundlePagesFunctions();
  console.log("Everything builds; the bundles are in out/.");
  return 0;
});

async function bundleAll(waiting) {
  for (let service = waiting.shift(); service !== undefined; service = waiting.shift()) {
    const folder = join(root, "out", service);
    const args = ["deploy", "--dry-run", "-c", manifestOf(service), "--outdir", folder];
    const { stdout } = await mustRunWrangler(args, `build ${service}`);
    const size = /Total Upload: (.*)/.exec(stdout)?.[1] ?? "";
    console.log(`${service.padEnd(9)} ${size}`);
  }
}

async function bundlePagesFunctions() {
  const folder = join(root, "frontend/functions");
  await mustRunWrangler(
    ["pages", "functions", "build", folder, "--outdir", join(root, "out/pages")],
    "build the Pages functions",
  );
  console.log("pages     functions bundled");
}
