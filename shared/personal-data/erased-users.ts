import { type Placeholder, type SQL, sql } from "drizzle-orm";
import { sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Whom a service has erased. What comes late finds its guard closed, so that nothing of them is written again. */
export const erasedUsers = sqliteTable("erased_user", { userId: text("user_id").primaryKey() });

/** Holds until the user's erasure reaches this service: the guard of everything that is written for a user. */
export function isNotErased(userId: string | Placeholder): SQL {
  return sql`NOT EXISTS (SELECT 1 FROM ${erasedUsers} WHERE ${erasedUsers.userId} = ${userId})`;
}
