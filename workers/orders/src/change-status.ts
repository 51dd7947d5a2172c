import type { OrderStatus } from "../../../shared/contracts/orders.ts";
import type { Actor } from "../../../shared/http/identity.ts";
import type { Commit } from "../../../shared/outbox/commit.ts";
import { fail, ok, type Result } from "../../../shared/result.ts";
import type { OrdersRepo } from "./orders.repo.ts";
import type { Order } from "./schema.ts";
import { isLegalMove, NEXT_STATUSES, ownerMayMove } from "./states.ts";
import { tellChange } from "./told-change.ts";

interface ChangeStatusDeps {
  orders: Pick<OrdersRepo, "change">;
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

  const changed: Order = { ...order, status, version: order.version + 1, updatedAt: new Date().toISOString() };
  const type = status === "cancelled" ? "order.cancelled" : "order.status_changed";
  const told = tellChange(actor, changed, type, { from: order.status, to: status });
  const isWritten = await deps.commit(() => deps.orders.change(order, changed, told));
  return isWritten ? ok(changed) : fail("conflict", "Somebody changed this order meanwhile. Read it again.");
}
