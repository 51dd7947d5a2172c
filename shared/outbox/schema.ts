import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * Events that wait for the log, in the database of the service that wrote them.
 * Ids sort by time, so the primary key alone reads oldest first: one row written per event, one deleted.
 */
export const outbox = sqliteTable("outbox", {
  id: text("id").primaryKey(),
  /** The event as JSON. */
  body: text("body").notNull(),
  /** How often the log refused this one event. */
  tries: integer("tries").notNull().default(0),
  /** Unix milliseconds before which a refused event is not offered again. */
  retryAt: integer("retry_at").notNull().default(0),
  /** Why it was set aside after its last try; null while it is to be delivered. */
  setAside: text("set_aside"),
});
