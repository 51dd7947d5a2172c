import type { OrderView } from "../../../shared/contracts/orders.ts";
import type { Order } from "./schema.ts";

const CENTS_PER_UNIT = 100;

/** Prices come with at most two decimals, so rounding only removes the float's own error. */
export function toCents(price: number): number {
  return Math.round(price * CENTS_PER_UNIT);
}

export function viewOrder(order: Order): OrderView {
  const totalCents = order.priceCents * order.quantity;
  return {
    id: order.id,
    userId: order.userId,
    product: order.product,
    quantity: order.quantity,
    price: order.priceCents / CENTS_PER_UNIT,
    priceCents: order.priceCents,
    total: totalCents / CENTS_PER_UNIT,
    totalCents,
    currency: order.currency,
    status: order.status,
    createdAt: order.createdAt,
    updatedAt: order.updatedAt,
  };
}
