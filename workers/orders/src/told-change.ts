import type { Actor } from "../../../shared/http/identity.ts";
import { newEvent } from "../../../shared/outbox/event.ts";
import { totalOf } from "./order-items.ts";
import type { ToldChange } from "./orders.repo.ts";
import type { ChangeDetail, Order, OrderChange } from "./schema.ts";

/** What the timeline and the log say of an order's newest version. */
export function tellChange(actor: Actor, order: Order, type: OrderChange["type"], detail: ChangeDetail): ToldChange {
  const isCustomer = order.userId === actor.userId;
  const change: OrderChange = {
    orderId: order.id,
    version: order.version,
    type,
    at: order.updatedAt,
    shopUserId: isCustomer ? null : actor.userId,
    detail,
  };
  const event = newEvent(actor, {
    type,
    account: order.userId,
    resource: order.id,
    sequence: order.version,
    metadata: type === "order.created" ? summaryOf(order) : { ...detail },
  });
  return { change, event };
}

/** What was ordered, and nothing of where it goes. */
function summaryOf(order: Order) {
  const { product, quantity, priceCents } = order.items[0];
  const items = order.items.length;
  return { product, quantity, priceCents, items, totalCents: totalOf(order.items), currency: order.currency };
}
