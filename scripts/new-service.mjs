// npm run new:service -- <name>: the folder of a new service, and what is left to do by hand.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runCommand, Stop } from "./lib/command.mjs";
import { manifestOf, root } from "./lib/paths.mjs";
import { serviceFiles } from "./lib/service-template.mjs";

/** It becomes part of identifiers, bindings and paths. */
const NAME = /^[a-z]{2,20}$/;

await runCommand(async () => {
  const [name = ""] = process.argv.slice(2);
  if (!NAME.test(name)) throw new Stop("Name the service in 2 to 20 small letters: npm run new:service -- invoices");
  const folder = join(root, "workers", name);
  if (existsSync(folder)) throw new Stop(`There is a workers/${name} already: choose another name.`);

  const compatibilityDate = /compatibility_date = "(.*)"/.exec(readFileSync(manifestOf("gateway"), "utf8"))?.[1];
  for (const [path, text] of Object.entries(serviceFiles(name, compatibilityDate))) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  console.log(leftToDo(name));
  return 0;
});

function leftToDo(name) {
  const NAME_IN_BINDINGS = name.toUpperCase();
  return `workers/${name} is there. Now, in this order (npm run check names what is missing of 1 to 3):
  1. workers/gateway/src/routes.ts   "${name}" in SERVICES, and a row in ROUTES for /api/${name}
  2. workers/gateway/src/calls/targets.ts  its binding, and in calls/addresses.ts ${NAME_IN_BINDINGS}_SERVICE_URL
  3. wrangler.toml                   [[services]] ${NAME_IN_BINDINGS}_HTTP, and ${NAME_IN_BINDINGS}_SERVICE_URL in [vars]
  4. workers/gateway/src/papers/openapi.ts   in TAGS, what its routes are about
  5. scripts/lib/paths.mjs           its name and its port; package.json: dev:${name}
  6. scripts/lib/settings.mjs        ${NAME_IN_BINDINGS}_SERVICE_URL; docs/commands.md names it, README.md its routes
  7. vitest.config.ts                its name in WORKERS, its tests in test/worker/${name}; the tests that look at every
                                     service list them: grep -rl '"webhooks"' test
  8. a database, when it needs one   migrations/${name}/0001_begin.sql and [[d1_databases]], as in workers/orders`;
}
