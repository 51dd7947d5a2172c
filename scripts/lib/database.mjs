// SQL on one of the D1 databases, through wrangler.

import { Stop } from "./command.mjs";
import { manifestOf, servicesWithDatabase } from "./paths.mjs";
import { runWrangler } from "./wrangler.mjs";

/**
 * @param {object} options
 * @param {string} options.database the service that owns it
 * @param {string} options.sql statements, separated by semicolons; they are one transaction
 * @param {string} [options.state] folder of the local data; without it the deployed database is asked
 * @returns {Promise<Record<string, unknown>[]>} the rows of the last statement
 * @throws {Stop} with the database's own words
 */
export async function executeSql({ database, sql, state }) {
  const answer = await execute(database, ["--command", sql], state);
  return answer.at(-1)?.results ?? [];
}

/**
 * Runs a file of statements as one transaction, however long it is; the deployed database takes it as an import.
 * @param {object} options
 * @param {string} options.database the service that owns it
 * @param {string} options.file
 * @param {string} [options.state] folder of the local data; without it the deployed database is asked
 * @throws {Stop} with the database's own words
 */
export async function executeFile({ database, file, state }) {
  await execute(database, ["--file", file, "--yes"], state);
}

async function execute(database, input, state) {
  const known = servicesWithDatabase();
  if (!known.includes(database)) throw new Stop(`There is no database ${database}: choose one of ${known.join(", ")}.`);
  const where = state === undefined ? ["--remote"] : ["--local", "--persist-to", state];
  const result = await runWrangler(["d1", "execute", "DB", "-c", manifestOf(database), "--json", ...input, ...where]);
  const answer = parseAnswer(result);
  if (Array.isArray(answer)) return answer;
  throw new Stop(answer.error?.text ?? `wrangler d1 execute failed:\n${result.stderr.trim()}`);
}

/** wrangler may write hints before its JSON. */
function parseAnswer({ stdout }) {
  const start = stdout.search(/^[[{]/m);
  if (start === -1) return {};
  try {
    return JSON.parse(stdout.slice(start));
  } catch {
    return {};
  }
}

/** A value as SQL text; wrangler's command line takes no parameters. */
export function textLiteral(text) {
  return `'${text.replaceAll("'", "''")}'`;
}
