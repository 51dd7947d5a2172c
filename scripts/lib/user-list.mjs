// The list of people that npm run users:import reads: CSV or JSON, checked row by row. The Workers' own schemas judge.

import { parse } from "csv-parse/sync";
import * as z from "zod";
import { loginFloorMs, readStoredHash } from "../../shared/accounts/stored-hash.ts";
import { Email, PersonName, Username } from "../../shared/contracts/users.ts";
import { Stop } from "./command.mjs";

/** Dates as databases write them (2019-05-04 12:00:00) are UTC; anything else must be ISO 8601. */
const DATABASE_DATE = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d+)?)$/;

const Created = z
  .string()
  .transform((text) => new Date(text.trim().replace(DATABASE_DATE, "$1T$2Z")))
  .refine((date) => !Number.isNaN(date.getTime()), { error: "is no date: write 2019-05-04T12:00:00Z", abort: true })
  .refine((date) => date.getTime() <= Date.now() && date.getTime() >= 0, "lies in the future or before 1970");

const PasswordHash = z.string().transform((text, context) => {
  const hash = readStoredHash(text.trim());
  if (hash.ok) return { text: text.trim(), floorMs: loginFloorMs(hash.value) };
  // The hash itself is never repeated.
  context.addIssue({ code: "custom", message: hash.failure.detail });
  return z.NEVER;
});

const Row = z.strictObject({
  email: Email,
  password_hash: PasswordHash,
  username: Username.optional(),
  name: PersonName.optional(),
  created: Created.optional(),
  id: z.string().trim().min(1).max(200).optional(),
});

/**
 * @param {string} text of the file
 * @param {"csv" | "json"} format
 * @returns {{ users: import("zod").output<typeof Row>[], errors: string[] }} people, and what is wrong with which line
 * @throws {Stop} when it is no such file at all
 */
export function readUserList(text, format) {
  const rows = format === "csv" ? readCsv(text) : readJson(text);
  const errors = [];
  const users = [];
  const seen = { email: new Map(), username: new Map() };
  for (const { place, fields } of rows) {
    const parsed = Row.safeParse(withoutBlanks(fields));
    if (!parsed.success) {
      errors.push(...parsed.error.issues.map((issue) => `${place}: ${saysIssue(issue)}`));
      continue;
    }
    for (const name of ["email", "username"]) {
      const key = parsed.data[name]?.toLowerCase();
      if (key === undefined) continue;
      if (seen[name].has(key)) errors.push(`${place}: ${name} stands in ${seen[name].get(key)} already`);
      seen[name].set(key, place);
    }
    users.push({ place, ...parsed.data });
  }
  return { users, errors };
}

function readCsv(text) {
  try {
    const records = parse(text, {
      bom: true,
      columns: (header) => header.map(columnName),
      info: true,
      skip_empty_lines: true,
    });
    return records.map(({ record, info }) => ({ place: `line ${info.lines}`, fields: record }));
  } catch (error) {
    throw new Stop(
      `This is no CSV with a line of column names: ${error.code ?? "unreadable"}, line ${error.lines ?? "?"}.`,
    );
  }
}

function readJson(text) {
  let rows;
  try {
    rows = JSON.parse(text);
  } catch {
    rows = undefined;
  }
  if (!Array.isArray(rows)) throw new Stop("This is no JSON array of users.");
  return rows.map((row, index) => {
    const isObject = typeof row === "object" && row !== null && !Array.isArray(row);
    const entries = isObject ? Object.entries(row) : [["(no object)", ""]];
    return {
      place: `entry ${index + 1}`,
      fields: Object.fromEntries(entries.map(([name, value]) => [columnName(name), value])),
    };
  });
}

/** `passwordHash` and `Password Hash` are `password_hash`. */
function columnName(name) {
  return name
    .trim()
    .replaceAll(/([a-z])([A-Z])/g, "$1_$2")
    .replaceAll(/[\s-]+/g, "_")
    .toLowerCase();
}

/** An empty cell is a field that was not given; a number, such as an older id, is its digits. */
function withoutBlanks(fields) {
  const entries = Object.entries(fields).filter(([, value]) => value !== null && String(value).trim() !== "");
  return Object.fromEntries(entries.map(([name, value]) => [name, typeof value === "number" ? String(value) : value]));
}

function saysIssue(issue) {
  if (issue.code === "unrecognized_keys") return `unknown column ${issue.keys.join(", ")}`;
  if (issue.code === "invalid_type" && issue.input === undefined) return `${issue.path.join(".")} is missing`;
  return `${issue.path.join(".")} ${issue.message}`;
}
