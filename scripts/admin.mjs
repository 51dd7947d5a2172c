// npm run admin -- <email> [--remote]: makes that user an admin. There is no other way to become one.

import { parseArgs } from "node:util";
import { runCommand, Stop } from "./lib/command.mjs";
import { executeSql, textLiteral } from "./lib/database.mjs";
import { layoutOf } from "./lib/paths.mjs";

await runCommand(async () => {
  const { values, positionals } = parseArgs({
    options: { remote: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  const [email] = positionals;
  if (email === undefined || !email.includes("@")) throw new Stop("Say whom: npm run admin -- somebody@example.com");
  const sql = `UPDATE users SET role = 'admin', updated_at = ${textLiteral(new Date().toISOString())}, version = version + 1
    WHERE email = ${textLiteral(email.toLowerCase())} RETURNING email`;
  const state = values.remote ? undefined : layoutOf().state;
  const rows = await executeSql({ database: "auth", sql, state });
  if (rows.length === 0) throw new Stop(`There is no user ${email}: they register first.`);
  console.log(`${email} is an admin from the next login on.`);
  return 0;
});
