// What npm run users:import writes: who of a list is new, their names and ids, and the SQL for them and their events.

import { usernameCandidates } from "../../shared/accounts/usernames.ts";
import { newId } from "../../shared/ids.ts";
import { newEvent } from "../../shared/outbox/event.ts";
import { executeSql, textLiteral } from "./database.mjs";

/** Users read in one answer of the database. */
const PAGE = 20_000;
const ORIGIN = {
  userId: null,
  sessionId: null,
  keyId: null,
  ip: null,
  userAgent: "halftone command",
  requestId: null,
};

/**
 * Asks the database who is there already.
 * @returns {Promise<{ idByEmail: Map<string, string>, usernames: Set<string> }>} user names in lower case
 */
export async function findExisting(state) {
  const idByEmail = new Map();
  const usernames = new Set();
  let last = "";
  for (;;) {
    const sql = `SELECT id, email, username_key FROM users WHERE id > ${textLiteral(last)} ORDER BY id LIMIT ${PAGE}`;
    const rows = await executeSql({ database: "auth", sql, state });
    for (const row of rows) {
      idByEmail.set(row.email, row.id);
      usernames.add(row.username_key);
    }
    if (rows.length < PAGE) return { idByEmail, usernames };
    last = rows.at(-1).id;
  }
}

/**
 * Gives each new person a user name and an id. Somebody whose address is known stays as they are.
 * @returns {{ created: object[], errors: string[] }}
 */
export function planImport(users, { idByEmail, usernames }) {
  const taken = new Set(usernames);
  const errors = [];
  const created = [];
  // Names that were given come first, so that none is made for somebody else before.
  const news = users.filter(({ email }) => !idByEmail.has(email));
  const inTurn = [
    ...news.filter(({ username }) => username !== undefined),
    ...news.filter(({ username }) => username === undefined),
  ];
  for (const user of inTurn) {
    const wanted = user.username === undefined ? [...usernameCandidates(user.email)] : [user.username];
    const username = wanted.find((name) => !taken.has(name.toLowerCase()));
    if (username === undefined) {
      errors.push(`${user.place}: the user name ${wanted[0]} is taken`);
      continue;
    }
    taken.add(username.toLowerCase());
    created.push({ ...user, username, createdAt: user.created ?? new Date() });
  }
  // Ids sort by time and never go backwards, so the oldest comes first.
  created.sort((one, other) => one.createdAt.getTime() - other.createdAt.getTime());
  return { created: created.map((user) => ({ ...user, userId: newId(user.createdAt.getTime()) })), errors };
}

/** @returns {string} SQL, one statement a line */
export function importSql(users) {
  const now = new Date().toISOString();
  return users.flatMap((user) => [insertUser(user, now), insertEvent(user)]).join("\n");
}

function insertUser(user, now) {
  const values = [
    user.userId,
    user.email,
    user.username,
    user.username.toLowerCase(),
    user.name ?? null,
    user.password_hash.text,
    user.password_hash.floorMs,
    user.createdAt.toISOString(),
    now,
  ];
  return `INSERT INTO users (id, email, username, username_key, name, password_hash, password_floor_ms, created_at, updated_at, role, version)
    VALUES (${values.map(literal).join(", ")}, 'user', 1);`.replaceAll(/\n\s+/g, " ");
}

function insertEvent({ userId, username }) {
  const event = newEvent(ORIGIN, {
    type: "user.registered",
    account: userId,
    resource: userId,
    sequence: 1,
    metadata: { username, source: "import" },
  });
  return `INSERT INTO outbox (id, body) VALUES (${literal(event.id)}, ${literal(JSON.stringify(event))});`;
}

function literal(value) {
  if (value === null) return "NULL";
  return typeof value === "number" ? String(value) : textLiteral(value);
}
