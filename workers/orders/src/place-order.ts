import type { NewOrder } from "../../../shared/contracts/orders.ts";
import type { Actor } from "../../../shared/http/identity.ts";
import { newId } from "../../../shared/ids.ts";
import type { Commit } from "../../../shared/outbox/commit.ts";
import { newEvent } from "../../../shared/outbox/event.ts";
import { fail, ok, type Result } from "../../../shared/result.ts";
import type { OrdersRepo } from "./orders.repo.ts";
import type { Order } from "./schema.ts";
import { toCents } from "./view.ts";

interface PlaceOrderDeps {
  orders: Pick<OrdersRepo, "insert">;
  commit: Commit;
  /** Null when nobody can say. */
  userExists(userId: string): Promise<boolean | null>;
}

/** The one currency of the source (S1.41), which names none. */
const CURRENCY = "USD";

/** Places an order for a user that auth still knows (S1.29). */
export async function placeOrder(
  deps: PlaceOrderDeps,
  actor: Actor,
  input: NewOrder,
): Promise<Result<Order, "unauthenticated" | "service_unavailable">> {
  const exists = await deps.userExists(actor.userId);
  if (exists === null) return fail("service_unavailable", "Orders cannot be placed at the moment.");
  if (!exists) return refuseErased();
  const now = new Date().toISOString();
  const order: Order = {
    id: newId(),
    userId: actor.userId,
    product: input.product,
    quantity: input.quantity,
    priceCents: toCents(input.price),
    currency: CURRENCY,
    status: "pending",
    version: 1,
    createdAt: now,
    updatedAt: now,
  };
  const event = newEvent(actor, {
    type: "order.created",
    account: order.userId,
    resource: order.id,
    sequence: order.version,
    metadata: { product: order.product, quantity: order.quantity, priceCents: order.priceCents },
  });
  const placed = await deps.commit(() => deps.orders.insert(order, event));
  return placed ? ok(order) : refuseErased();
}

function refuseErased() {
  return fail("unauthenticated", "This account does not exist any more.");
}
