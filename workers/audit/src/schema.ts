import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { JsonValue } from "../../../shared/contracts/events.ts";

/** The logs' entries as rows, to be listed and filtered. */
export const entries = sqliteTable(
  "entry",
  {
    account: text("account").notNull(),
    /** The place in the account's log, from 0. */
    index: integer("idx").notNull(),
    id: text("id").notNull(),
    userId: text("user_id").notNull(),
    keyId: text("key_id"),
    action: text("action").notNull(),
    type: text("type").notNull(),
    resource: text("resource").notNull(),
    ip: text("ip"),
    userAgent: text("user_agent"),
    metadata: text("metadata", { mode: "json" }).$type<Record<string, JsonValue>>().notNull(),
    occurredAt: text("occurred_at").notNull(),
    requestId: text("request_id"),
  },
  (table) => [primaryKey({ columns: [table.account, table.index] })],
);

export type Entry = typeof entries.$inferSelect;
