import * as z from "zod";
import { SIZES } from "./variants.ts";

export const ORDER_STATUSES = ["pending", "confirmed", "processing", "shipped", "delivered", "cancelled"] as const;
export const OrderStatus = z.enum(ORDER_STATUSES);
export type OrderStatus = z.output<typeof OrderStatus>;

const QUANTITY_MAX = 10_000;
/** The ids of an order's photos go into one question to images. */
const ITEMS_MAX = 50;
const NOTES_MAX = 1_000;
const ID_MAX = 64;

/** A thousand million of any currency, and four decimals, the most that any has: nobody orders prints for more. */
const PRICE = /^\d{1,10}(\.\d{1,4})?$/;

/**
 * A price as the source writes it, 29.99, or as text. Either is read by its decimal digits: the number 29.99 has no exact
 * binary form, but its shortest spelling has (C27).
 */
const Price = z
  .union([z.number(), z.string()])
  .refine(
    (price) => PRICE.test(String(price)),
    "must be a decimal such as 29.99, of at most ten digits before the point",
  );

const Product = z.string().trim().min(1).max(200);
const Quantity = z.number().int().min(1).max(QUANTITY_MAX);

const Notes = z.string().trim().max(NOTES_MAX);

/** Where it goes. Nothing but the country is in a form of its own: addresses differ too much. */
export const ShippingAddress = z.strictObject({
  name: z.string().trim().min(1).max(100),
  line1: z.string().trim().min(1).max(200),
  line2: z.string().trim().max(200).optional(),
  postalCode: z.string().trim().max(20).optional(),
  city: z.string().trim().min(1).max(100),
  region: z.string().trim().max(100).optional(),
  country: z.string().regex(/^[A-Z]{2}$/, "two capital letters (ISO 3166-1)"),
});
export type ShippingAddress = z.output<typeof ShippingAddress>;

const EXAMPLE_ADDRESS = { name: "Ada Lovelace", line1: "12 St James's Square", city: "London", country: "GB" };

const NewItem = z.strictObject({
  product: Product,
  quantity: Quantity,
  price: Price,
  imageId: z.string().max(ID_MAX).optional().describe("one of your own photos, to be printed"),
  variant: z.enum(SIZES).optional().describe("which of its sizes; `original` where it is left out"),
});
export type NewItem = z.output<typeof NewItem>;

const NewItems = z.array(NewItem).min(1).max(ITEMS_MAX);

/** `POST /api/orders`: one product as in the source (S1.41), or several items. */
export const NewOrder = z
  .strictObject({
    product: Product.optional(),
    quantity: Quantity.optional(),
    price: Price.optional(),
    items: NewItems.optional().describe("in place of product, quantity and price"),
    currency: z.string().length(3).default("USD").describe("ISO 4217"),
    notes: Notes.optional(),
    shippingAddress: ShippingAddress.optional(),
  })
  .check((ctx) => {
    const { items, ...single } = ctx.value;
    for (const field of ["product", "quantity", "price"] as const) {
      const isGiven = single[field] !== undefined;
      if (isGiven === (items === undefined)) continue;
      const message = isGiven ? "stands in each of the items" : "is missing";
      ctx.issues.push({ code: "custom", message, path: [field], input: single[field] });
    }
  })
  .meta({
    ref: "NewOrder",
    examples: [
      { product: "Go Programming Book", quantity: 2, price: 29.99 },
      { items: [{ product: "Print 30x40", quantity: 1, price: "24.50" }], shippingAddress: EXAMPLE_ADDRESS },
    ],
  });
export type NewOrder = z.output<typeof NewOrder>;

/** `PATCH /api/orders/:id`. What is left out stays; null takes it away. */
export const OrderChanges = z
  .strictObject({
    items: NewItems.optional().describe("in place of all that were there"),
    notes: Notes.nullable().optional(),
    shippingAddress: ShippingAddress.nullable().optional(),
  })
  .meta({ ref: "OrderChanges", examples: [{ notes: "Please ring twice." }, { shippingAddress: EXAMPLE_ADDRESS }] });
export type OrderChanges = z.output<typeof OrderChanges>;

/** `PUT /api/orders/:id/status` (C18). `completed` is another source's word for delivered. */
export const StatusChange = z
  .strictObject({
    status: z
      .enum([...ORDER_STATUSES, "completed"])
      .meta({ examples: ["completed"] })
      .transform((s): OrderStatus => (s === "completed" ? "delivered" : s)),
  })
  .meta({ ref: "StatusChange" });

const MONEY = {
  price: z.number(),
  priceCents: z.number().int().describe("the price in the currency's minor unit"),
  total: z.number(),
  totalCents: z.number().int(),
};

export const OrderView = z
  .object({
    id: z.string(),
    userId: z.string(),
    product: z.string().describe("of the first item, as quantity, price and priceCents are"),
    quantity: z.number().int(),
    ...MONEY,
    total: z.number().describe("of all items"),
    currency: z.string(),
    items: z.array(
      z.object({
        product: z.string(),
        quantity: z.number().int(),
        ...MONEY,
        imageId: z.string().nullable(),
        variant: z.enum(SIZES).nullable(),
      }),
    ),
    notes: z.string().nullable(),
    shippingAddress: ShippingAddress.nullable(),
    status: OrderStatus,
    version: z.number().int().describe("counts the changes, from 1"),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ ref: "Order" });
export type OrderView = z.output<typeof OrderView>;

export const ORDER_CHANGES = ["order.created", "order.updated", "order.status_changed", "order.cancelled"] as const;

/** One line of `GET /api/orders/:id/timeline`. */
export const OrderChangeView = z
  .object({
    version: z.number().int().describe("the order's version since this change"),
    type: z.enum(ORDER_CHANGES),
    at: z.iso.datetime(),
    by: z.enum(["customer", "shop"]),
    userId: z.string(),
    from: OrderStatus.optional(),
    to: OrderStatus.optional(),
    fields: z.array(z.string()).optional().describe("which fields have changed"),
  })
  .meta({ ref: "OrderChange" });
export type OrderChangeView = z.output<typeof OrderChangeView>;
