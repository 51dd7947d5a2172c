import type { OrderStatus } from "../../../shared/contracts/orders.ts";
import type { Actor } from "../../../shared/http/identity.ts";
import type { Commit } from "../../../shared/outbox/commit.ts";
import { newEvent } from "../../../shared/outbox/event.ts";
import { fail, ok, type Result } from "../../../shared/result.ts";
import type { OrdersRepo } from "./orders.repo.ts";
import type { Order } from "./schema.ts";
import { isLegalMove, NEXT_STATUSES, ownerMayMove } from "./states.ts";

interface ChangeStatusDeps {
  orders: Pick<OrdersRepo, "changeStatus">;
  commit: Commit;
  /** Whether owners may make every legal move, as in the source (S1.43). */
  ownersMoveAll: boolean;
}

/** Moves an order that the actor may see to another status. */
export async function changeStatus(
  deps: ChangeStatusDeps,
  actor: Actor,
  order: Order,
  status: OrderStatus,
): Promise<Result<Order, "forbidden" | "illegal_status_change" | "conflict">> {
  if (!isLegalMove(order.status, status)) {
    const next = NEXT_STATUSES[order.status].join(", ") || "nowhere";
    return fail("illegal_status_change", `An order that is ${order.status} can go to: ${next}.`);
  }
  const allowed = actor.permissions.has("orders:manage") || deps.ownersMoveAll || ownerMayMove(order.status, status);
  if (!allowed) return fail("forbidden", "You may cancel an order before work on it begins; the rest is the shop's.");

  const updatedAt = new Date().toISOString();
  const version = order.version + 1;
  const event = newEvent(actor, {
    type: "order.status_changed",
    account: order.userId,
    resource: order.id,
    sequence: version,
    metadata: { from: order.status, to: status },
  });
  const changed = await deps.commit(() => deps.orders.changeStatus(order, status, updatedAt, event));
  if (!changed) return fail("conflict", "Somebody changed this order meanwhile. Read it again.");
  return ok({ ...order, status, version, updatedAt });
}
