// The local admin: made once per copy, so that the admin pages can be tried without any ceremony.

import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Stop } from "./command.mjs";
import { executeSql, textLiteral } from "./database.mjs";
import { pinnedNode } from "./paths.mjs";
import { userEventSql } from "./user-event.mjs";
import { uuidV7 } from "./uuid.mjs";

const EMAIL = "admin@halftone.local";
const USERNAME = "admin";
const PASSWORD_BYTES = 15;

/**
 * @returns {Promise<{ email: string, password: string }>} the local admin's login
 */
export async function localAdmin(layout) {
  if (!existsSync(layout.admin)) await makeAdmin(layout);
  return JSON.parse(readFileSync(layout.admin, "utf8"));
}

async function makeAdmin(layout) {
  const password = randomBytes(PASSWORD_BYTES).toString("base64url");
  const now = new Date().toISOString();
  const user = {
    id: uuidV7(),
    email: EMAIL,
    username: USERNAME,
    username_key: USERNAME,
    name: "Local admin",
    password_hash: hashPassword(password),
    role: "admin",
    version: 1,
    created_at: now,
    updated_at: now,
  };
  const columns = Object.keys(user).join(", ");
  const values = Object.values(user)
    .map((value) => textLiteral(String(value)))
    .join(", ");
  // An admin whose password file was deleted gets a new password.
  const upsert = `INSERT INTO users (${columns}) VALUES (${values})
    ON CONFLICT (email) DO UPDATE SET password_hash = excluded.password_hash, role = 'admin',
      updated_at = excluded.updated_at, version = version + 1`;
  const metadata = { username: USERNAME, source: "setup" };
  const created = `email = ${textLiteral(EMAIL)} AND id = ${textLiteral(user.id)}`;
  const renewed = `email = ${textLiteral(EMAIL)} AND id <> ${textLiteral(user.id)}`;
  const statements = [
    upsert,
    userEventSql({ type: "user.registered", sequence: "version", metadata, where: created }),
    userEventSql({ type: "user.password_changed", sequence: "version", metadata, where: renewed }),
  ];
  await executeSql({ database: "auth", sql: statements.join(";\n"), state: layout.state });
  writeFileSync(layout.admin, `${JSON.stringify({ email: EMAIL, password }, null, 2)}\n`, { mode: 0o600 });
}

/** argon2id is WebAssembly that needs the pinned Node; the password goes by stdin, out of the process list. */
function hashPassword(password) {
  const script = fileURLToPath(new URL("hash-password.mjs", import.meta.url));
  const result = spawnSync(pinnedNode, [script], { input: password, encoding: "utf8" });
  if (result.status !== 0) throw new Stop(`Could not hash the local admin's password:\n${result.stderr.trim()}`);
  return result.stdout.trim();
}
