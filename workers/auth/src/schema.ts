import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

export { outbox } from "../../../shared/outbox/schema.ts";

export const ROLES = ["user", "admin"] as const;

export const users = sqliteTable("users", {
  id: text("id").primaryKey(),
  /** In lower case. */
  email: text("email").notNull(),
  /** As its owner writes it. */
  username: text("username").notNull(),
  /** The user name in lower case: names that differ only in case are the same name. */
  usernameKey: text("username_key").notNull(),
  name: text("name"),
  /** A PHC string. It never leaves this Worker. */
  passwordHash: text("password_hash").notNull(),
  role: text("role", { enum: ROLES }).notNull(),
  /** Counts the changes; also the sequence of the user's events. */
  version: integer("version").notNull(),
  createdAt: text("created_at").notNull(),
  updatedAt: text("updated_at").notNull(),
});

export type User = typeof users.$inferSelect;
export type Role = User["role"];
