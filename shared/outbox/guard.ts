import { type SQL, sql } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";

/**
 * A statement that aborts its batch unless the condition holds: compare-and-set over several tables, which D1 offers
 * no other way. Reading a path of something that is no JSON is the error that SQLite raises for it.
 */
export function guard(db: DrizzleD1Database, condition: SQL) {
  return db.select({ held: heldIf(condition) }).from(sql`(SELECT 1)`);
}

/** The same for a batch of statements. */
export function guardOf(condition: SQL): SQL {
  return sql`SELECT ${heldIf(condition)} AS held`;
}

function heldIf(condition: SQL): SQL {
  return sql`IIF(${condition}, 1, json_extract('x', '$'))`;
}

type Statement = Parameters<DrizzleD1Database["batch"]>[0][number];

/** Runs statements as one transaction if the condition holds. @returns false where it does not; nothing is written then */
export function writeGuarded(db: DrizzleD1Database, condition: SQL, statements: Statement[]): Promise<boolean> {
  return isWritten(() => db.batch([guard(db, condition), ...statements]));
}

/** Runs a batch that has guards. @returns false where one did not hold; nothing is written then */
export async function isWritten(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (isGuardFailure(error)) return false;
    throw error;
  }
}

/** Whether a batch was aborted by its guard, in which case nothing of it was written. */
export function isGuardFailure(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause.message.includes("malformed JSON")) return true;
  }
  return false;
}

/** Whether a batch was aborted by a unique index, and which `table.column` it was. */
export function uniqueViolation(error: unknown): string | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const column = /UNIQUE constraint failed: ([\w.]+)/.exec(cause.message)?.[1];
    if (column !== undefined) return column;
  }
  return null;
}
