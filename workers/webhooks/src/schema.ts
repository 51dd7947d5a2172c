import { blob, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { FeedEvent } from "../../../shared/contracts/events-feed.ts";
import { DISABLED_REASONS } from "../../../shared/contracts/webhooks.ts";

export { outbox } from "../../../shared/outbox/schema.ts";

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

/** The addresses that are told of events. What waits for each lies in a queue of its own. */
export const webhooks = sqliteTable("webhook", {
  id: text("id").primaryKey(),
  userId: text("user_id").notNull(),
  url: text("url").notNull(),
  description: text("description").notNull(),
  /** Which events it is told of, as patterns. */
  events: text("events", { mode: "json" }).$type<string[]>().notNull(),
  enabled: integer("enabled", { mode: "boolean" }).notNull(),
  disabledReason: text("disabled_reason", { enum: DISABLED_REASONS }),
  /** What it is signed with, sealed. */
  secret: blob("secret").$type<ArrayBuffer>().notNull(),
  /** The one before, sealed, and until when it signs too (Unix milliseconds). */
  previousSecret: blob("previous_secret").$type<ArrayBuffer>(),
  previousUntil: integer("previous_until"),
  /** Counts the changes; also the sequence of the webhook's own events. */
  version: integer("version").notNull(),
  createdAt: text("created_at").notNull(),
  updatedAt: text("updated_at").notNull(),
});

export type StoredWebhook = typeof webhooks.$inferSelect;

/** What each webhook's queue has reported last. */
export const webhookFigures = sqliteTable("webhook_figures", {
  webhookId: text("webhook_id").primaryKey(),
  waiting: integer("waiting").notNull(),
  setAside: integer("set_aside").notNull(),
  /** When the oldest event that waits came (Unix milliseconds), null where none does. */
  oldestAt: integer("oldest_at"),
});
