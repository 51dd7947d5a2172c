// Brings the local D1 databases to the newest schema.

import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { filesBelow, manifestOf, root, servicesWithDatabase } from "./paths.mjs";
import { digestOf, onceFor } from "./stamp.mjs";
import { mustRunWrangler } from "./wrangler.mjs";

/**
 * Applies the migrations that a copy's databases lack. Each database takes wrangler about three seconds of CPU, so a
 * new copy starts from a template of empty, migrated databases, made once per state of the migrations.
 * @param {{ state: string, stamps: string, admin: string }} layout
 */
export async function migrate(layout) {
  const digest = digestOf(filesBelow(join(root, "migrations")));
  await onceFor(layout.stamps, "migrations", digest, async () => {
    if (existsSync(databasesIn(layout.state))) {
      await applyMigrations(layout.state);
      return;
    }
    const template = await makeTemplate(digest);
    // A login of databases that somebody deleted by hand would open nothing.
    rmSync(layout.admin, { force: true });
    cpSync(databasesIn(template), databasesIn(layout.state), { recursive: true });
  });
}

function databasesIn(state) {
  return join(state, "v3/d1");
}

async function makeTemplate(digest) {
  const templates = join(root, ".cache/databases");
  const template = join(templates, digest.slice(0, 16));
  if (existsSync(template)) return template;
  console.log("Preparing the databases (once, about 15 seconds) …");
  const unfinished = `${template}.${process.pid}`;
  await applyMigrations(unfinished);
  mkdirSync(templates, { recursive: true });
  // Two commands may prepare at once; the template is the same, so the later one gives way.
  if (existsSync(template)) rmSync(unfinished, { recursive: true });
  else renameSync(unfinished, template);
  return template;
}

/** One after the other: two wranglers that open one folder of databases at the same moment may find it locked. */
async function applyMigrations(state) {
  for (const service of servicesWithDatabase()) {
    await mustRunWrangler(
      ["d1", "migrations", "apply", "DB", "--local", "-c", manifestOf(service), "--persist-to", state],
      `apply the migrations of ${service}`,
    );
  }
}
