import type { OrderChangeView, OrderView } from "../../../shared/contracts/orders.ts";
import { decimalsOf, toUnits } from "./money.ts";
import { totalOf } from "./order-items.ts";
import type { Order, OrderChange, OrderItem } from "./schema.ts";

export function viewOrder(order: Order): OrderView {
  const decimals = decimalsOf(order.currency) ?? 0;
  const items = order.items.map((item) => viewItem(item, decimals));
  const totalCents = totalOf(order.items);
  const { product, quantity, priceCents } = order.items[0];
  return {
    id: order.id,
    userId: order.userId,
    product,
    quantity,
    price: toUnits(priceCents, decimals),
    priceCents,
    total: toUnits(totalCents, decimals),
    totalCents,
    currency: order.currency,
    items,
    notes: order.notes,
    shippingAddress: order.shippingAddress,
    status: order.status,
    version: order.version,
    createdAt: order.createdAt,
    updatedAt: order.updatedAt,
  };
}

function viewItem(item: OrderItem, decimals: number): OrderView["items"][number] {
  const totalCents = totalOf([item]);
  return { ...item, price: toUnits(item.priceCents, decimals), total: toUnits(totalCents, decimals), totalCents };
}

export function viewChange({ userId }: Order, change: OrderChange): OrderChangeView {
  const { version, type, at, shopUserId, detail } = change;
  return { version, type, at, by: shopUserId === null ? "customer" : "shop", userId: shopUserId ?? userId, ...detail };
}
