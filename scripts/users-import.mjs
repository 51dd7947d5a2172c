// npm run users:import -- <users.csv|users.json> [--remote] [--ids <file>]: takes over people of another system together
// with their password hashes. All of the list or nothing; who is there already stays as they are.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { parseArgs } from "node:util";
import { runCommand, Stop } from "./lib/command.mjs";
import { executeFile } from "./lib/database.mjs";
import { layoutOf } from "./lib/paths.mjs";
import { findExisting, importSql, planImport } from "./lib/user-import.mjs";
import { readUserList } from "./lib/user-list.mjs";

/** More lines of trouble than this help nobody. */
const ERRORS_SHOWN = 50;

await runCommand(async () => {
  const { values, positionals } = parseArgs({
    options: { remote: { type: "boolean", default: false }, ids: { type: "string" } },
    allowPositionals: true,
  });
  const { users, errors } = readUserList(...readList(positionals[0]));
  stopOn(errors);
  const state = values.remote ? undefined : layoutOf().state;
  const existing = await findExisting(state);
  const plan = planImport(users, existing);
  stopOn(plan.errors);
  if (plan.created.length > 0) await write(importSql(plan.created), state);

  const alreadyThere = users.length - plan.created.length;
  console.log(`${plan.created.length} users imported, ${alreadyThere} were here already.`);
  if (values.ids !== undefined) writeIds(values.ids, users, plan.created, existing.idByEmail);
  return 0;
});

function readList(file) {
  const format = { ".csv": "csv", ".json": "json" }[extname(file ?? "").toLowerCase()];
  if (format === undefined) throw new Stop("Say which list: npm run users:import -- users.csv (or users.json)");
  try {
    return [readFileSync(file, "utf8"), format];
  } catch (error) {
    throw new Stop(`${file} cannot be read: ${error.code}.`);
  }
}

function stopOn(errors) {
  if (errors.length === 0) return;
  const shown = errors.slice(0, ERRORS_SHOWN);
  const more = errors.length - shown.length;
  if (more > 0) shown.push(`and ${more} more`);
  throw new Stop(`Nothing was imported, because of\n${shown.join("\n")}`);
}

/** The statements hold hashes: the file is its owner's alone and goes at once, and nothing quoted is repeated. */
async function write(sql, state) {
  const folder = mkdtempSync(join(tmpdir(), "halftone-import-"));
  const file = join(folder, "users.sql");
  try {
    writeFileSync(file, sql, { mode: 0o600 });
    await executeFile({ database: "auth", file, state });
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    throw new Stop(`Nothing was imported: ${error.message.replaceAll(/'(?:[^']|'')*'/g, "'…'")}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Which id of the other system became which here. */
function writeIds(file, users, created, idByEmail) {
  const idOf = new Map([...idByEmail, ...created.map(({ email, userId }) => [email, userId])]);
  const rows = users.filter(({ id }) => id !== undefined).map(({ id, email }) => `${csvField(id)},${idOf.get(email)}`);
  writeFileSync(file, `${["id,user_id", ...rows].join("\n")}\n`);
  console.log(`${rows.length} ids are in ${file}.`);
}

function csvField(text) {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
