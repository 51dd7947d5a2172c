import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { ORDER_STATUSES } from "../../../shared/contracts/orders.ts";

export { outbox } from "../../../shared/outbox/schema.ts";

export const orders = sqliteTable("orders", {
  id: text("id").primaryKey(),
  /** Whose it is; `system` once its owner was erased. */
  userId: text("user_id").notNull(),
  product: text("product").notNull(),
  quantity: integer("quantity").notNull(),
  /** Integer minor units: money is never a float in the database (C27). */
  priceCents: integer("price_cents").notNull(),
  currency: text("currency").notNull(),
  status: text("status", { enum: ORDER_STATUSES }).notNull(),
  /** Counts the changes; also the sequence of the order's events. */
  version: integer("version").notNull(),
  createdAt: text("created_at").notNull(),
  updatedAt: text("updated_at").notNull(),
});

export type Order = typeof orders.$inferSelect;
