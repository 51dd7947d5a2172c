// npm run admin -- <email> [--remote]: makes that user an admin. There is no other way to become one.

import { parseArgs } from "node:util";
import { runCommand, Stop } from "./lib/command.mjs";
import { executeSql, textLiteral } from "./lib/database.mjs";
import { layoutOf } from "./lib/paths.mjs";
import { userEventSql } from "./lib/user-event.mjs";

await runCommand(async () => {
  const { values, positionals } = parseArgs({
    options: { remote: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  const [email] = positionals;
  if (email === undefined || !email.includes("@")) throw new Stop("Say whom: npm run admin -- somebody@example.com");
  const user = `email = ${textLiteral(email.toLowerCase())} AND kind = 'person'`;
  const becoming = `${user} AND role <> 'admin'`;
  const now = textLiteral(new Date().toISOString());
  const statements = [
    userEventSql({
      type: "user.role_changed",
      sequence: "version + 1",
      metadata: { from: "user", to: "admin" },
      where: becoming,
    }),
    `UPDATE users SET role = 'admin', updated_at = ${now}, version = version + 1 WHERE ${becoming}`,
    `SELECT email FROM users WHERE ${user}`,
  ];
  const state = values.remote ? undefined : layoutOf().state;
  const rows = await executeSql({ database: "auth", sql: statements.join(";\n"), state });
  if (rows.length === 0) throw new Stop(`There is no user ${email}: they register first.`);
  console.log(`${email} is an admin from the next login on.`);
  return 0;
});
