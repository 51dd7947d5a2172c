import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { ROLES } from "../../../shared/contracts/permissions.ts";
import { DATA_SERVICES } from "../../../shared/contracts/personal-data.ts";

export { outbox } from "../../../shared/outbox/schema.ts";

export const users = sqliteTable("users", {
  id: text("id").primaryKey(),
  /** A service account is a program: it has no password and signs in by its keys alone. */
  kind: text("kind", { enum: ["person", "service"] }).notNull(),
  /** In lower case. */
  email: text("email").notNull(),
  /** As its owner writes it. */
  username: text("username").notNull(),
  /** The user name in lower case: names that differ only in case are the same name. */
  usernameKey: text("username_key").notNull(),
  name: text("name"),
  /** A PHC string, or for somebody imported what their source stored. It never leaves this Worker. */
  passwordHash: text("password_hash"),
  /** How long a login takes at least while this hash is an older one, in milliseconds; null when it is current. */
  passwordFloorMs: integer("password_floor_ms"),
  role: text("role", { enum: ROLES }).notNull(),
  /** Counts the changes; also the sequence of the user's events. */
  version: integer("version").notNull(),
  createdAt: text("created_at").notNull(),
  updatedAt: text("updated_at").notNull(),
});

export type User = typeof users.$inferSelect;

/** The published list of sessions and keys that were ended before their tokens ran out. */
export const revocations = sqliteTable("revocation", {
  /** In the order of publishing. Given by SQLite, never twice. */
  seq: integer("seq").primaryKey({ autoIncrement: true }),
  sessionId: text("session_id").notNull(),
  /** Unix milliseconds after which no token of it can be alive. */
  until: integer("until").notNull(),
});

/** Accounts that were or are being erased. The user's own row is gone; this is what remains of it. */
export const erasures = sqliteTable("erasure", {
  /** Whoever knows it may read the progress, so it is random in every bit that can be. */
  id: text("id").primaryKey(),
  userId: text("user_id").notNull().unique(),
  startedAt: text("started_at").notNull(),
});

/** How far each service is. */
export const erasureParts = sqliteTable(
  "erasure_part",
  {
    userId: text("user_id").notNull(),
    service: text("service", { enum: DATA_SERVICES }).notNull(),
    doneAt: text("done_at"),
  },
  (table) => [primaryKey({ columns: [table.userId, table.service] })],
);
