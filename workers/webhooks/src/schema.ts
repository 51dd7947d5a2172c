import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { FeedEvent } from "../../../shared/contracts/events-feed.ts";

/** Events that stand in their account's log, in the form in which they may leave. */
export const events = sqliteTable(
  "event",
  {
    account: text("account").notNull(),
    /** The place in the account's log, from 0. */
    index: integer("idx").notNull(),
    id: text("id").notNull().unique(),
    type: text("type").notNull(),
    body: text("body", { mode: "json" }).$type<FeedEvent>().notNull(),
    occurredAt: text("occurred_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.account, table.index] })],
);

export type StoredEvent = typeof events.$inferSelect;
