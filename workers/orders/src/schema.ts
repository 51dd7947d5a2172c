import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { ORDER_CHANGES, ORDER_STATUSES, type ShippingAddress } from "../../../shared/contracts/orders.ts";
import type { SizeName } from "../../../shared/contracts/variants.ts";

export { outbox } from "../../../shared/outbox/schema.ts";

export interface OrderItem {
  product: string;
  quantity: number;
  /** Of one, in minor units: money is never a float in the database (C27). */
  priceCents: number;
  /** A photo of the customer that is to be printed, and which of its sizes. */
  imageId: string | null;
  variant: SizeName | null;
}

export const orders = sqliteTable("orders", {
  id: text("id").primaryKey(),
  /** Whose it is; `system` once its owner was erased. */
  userId: text("user_id").notNull(),
  /** At least one. */
  items: text("items", { mode: "json" }).$type<[OrderItem, ...OrderItem[]]>().notNull(),
  currency: text("currency").notNull(),
  notes: text("notes"),
  shippingAddress: text("shipping_address", { mode: "json" }).$type<ShippingAddress>(),
  status: text("status", { enum: ORDER_STATUSES }).notNull(),
  /** Counts the changes; also the sequence of the order's events. */
  version: integer("version").notNull(),
  createdAt: text("created_at").notNull(),
  updatedAt: text("updated_at").notNull(),
});

export type Order = typeof orders.$inferSelect;

/** What happened to each order: a row for each of its versions. */
export const orderChanges = sqliteTable(
  "order_change",
  {
    orderId: text("order_id").notNull(),
    version: integer("version").notNull(),
    type: text("type", { enum: ORDER_CHANGES }).notNull(),
    at: text("at").notNull(),
    /** Who of the shop did it; null where the customer did. */
    shopUserId: text("shop_user_id"),
    detail: text("detail", { mode: "json" }).$type<ChangeDetail>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.orderId, table.version] })],
);

/** What changed. Never the texts themselves: they may be about people. */
export interface ChangeDetail {
  from?: Order["status"];
  to?: Order["status"];
  fields?: string[];
}

export type OrderChange = typeof orderChanges.$inferSelect;
