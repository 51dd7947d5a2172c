import * as z from "zod";

export const ORDER_STATUSES = ["pending", "confirmed", "processing", "shipped", "delivered", "cancelled"] as const;
export const OrderStatus = z.enum(ORDER_STATUSES);
export type OrderStatus = z.output<typeof OrderStatus>;

/** Bounds that keep `price × quantity` an exact integer of cents (below 2^53). */
const PRICE_MAX = 1_000_000;
const QUANTITY_MAX = 10_000;

/** A price as the source writes it, 29.99, with at most two decimals: exact in integer cents (C27). */
const Price = z
  .number()
  .nonnegative()
  .max(PRICE_MAX)
  .refine((price) => Math.abs(Math.round(price * 100) - price * 100) < 1e-6, "at most two decimals");

/** `POST /api/orders` (S1.41). */
export const NewOrder = z
  .strictObject({
    product: z.string().trim().min(1).max(200),
    quantity: z.number().int().min(1).max(QUANTITY_MAX),
    price: Price,
  })
  .meta({ ref: "NewOrder", examples: [{ product: "Go Programming Book", quantity: 2, price: 29.99 }] });
export type NewOrder = z.output<typeof NewOrder>;

/** `PUT /api/orders/:id/status` (C18). `completed` is another source's word for delivered. */
export const StatusChange = z
  .strictObject({
    status: z
      .enum([...ORDER_STATUSES, "completed"])
      .meta({ examples: ["completed"] })
      .transform((s): OrderStatus => (s === "completed" ? "delivered" : s)),
  })
  .meta({ ref: "StatusChange" });

export const OrderView = z
  .object({
    id: z.string(),
    userId: z.string(),
    product: z.string(),
    quantity: z.number().int(),
    price: z.number(),
    priceCents: z.number().int(),
    total: z.number(),
    totalCents: z.number().int(),
    currency: z.string(),
    status: OrderStatus,
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ ref: "Order" });
export type OrderView = z.output<typeof OrderView>;
