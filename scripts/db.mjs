// npm run db -- "<sql>" [--db auth] [--remote]: one statement on a service's database, printed as a table.

import { parseArgs } from "node:util";
import { runCommand, Stop } from "./lib/command.mjs";
import { executeSql } from "./lib/database.mjs";
import { layoutOf } from "./lib/paths.mjs";

await runCommand(async () => {
  const { values, positionals } = parseArgs({
    options: { db: { type: "string", default: "images" }, remote: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  const [sql] = positionals;
  if (sql === undefined) throw new Stop('Say what to ask: npm run db -- --db auth "select id, email from users"');
  const state = values.remote ? undefined : layoutOf().state;
  const rows = await executeSql({ database: values.db, sql, state });
  if (rows.length === 0) console.log("No rows.");
  else console.table(rows);
  return 0;
});
