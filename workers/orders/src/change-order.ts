import type { OrderChanges } from "../../../shared/contracts/orders.ts";
import type { Actor } from "../../../shared/http/identity.ts";
import type { Commit } from "../../../shared/outbox/commit.ts";
import type { Failure } from "../../../shared/result.ts";
import { type ItemsRefusal, type OwnedImages, readItems } from "./order-items.ts";
import type { OrdersRepo } from "./orders.repo.ts";
import type { Order } from "./schema.ts";
import { tellChange } from "./told-change.ts";

interface ChangeOrderDeps {
  orders: Pick<OrdersRepo, "change">;
  commit: Commit;
  ownedImages: OwnedImages;
}

type ChangedOrder =
  | { ok: true; value: Order }
  | { ok: false; failure: ItemsRefusal | Failure<"not_changeable" | "conflict"> };

/** Changes what an order that is still pending holds. What is already so is no change and no event. */
export async function changeOrder(
  deps: ChangeOrderDeps,
  actor: Actor,
  order: Order,
  changes: OrderChanges,
): Promise<ChangedOrder> {
  if (order.status !== "pending") {
    return refuse("not_changeable", `This order is ${order.status}. It could be changed while it was pending.`);
  }
  // The photos are the customer's, whoever changes the order.
  const items = changes.items && (await readItems(deps, order.userId, changes.items, order.currency));
  if (items !== undefined && !items.ok) return items;
  const { notes = order.notes, shippingAddress = order.shippingAddress } = changes;
  const changed: Order = {
    ...order,
    items: items?.value ?? order.items,
    notes,
    shippingAddress,
    version: order.version + 1,
    updatedAt: new Date().toISOString(),
  };
  const fields = (["items", "notes", "shippingAddress"] as const).filter(
    (field) => JSON.stringify(changed[field]) !== JSON.stringify(order[field]),
  );
  if (fields.length === 0) return { ok: true, value: order };
  const told = tellChange(actor, changed, "order.updated", { fields });
  const isWritten = await deps.commit(() => deps.orders.change(order, changed, told));
  return isWritten
    ? { ok: true, value: changed }
    : refuse("conflict", "Somebody changed this order meanwhile. Read it again.");
}

function refuse(code: "not_changeable" | "conflict", detail: string): ChangedOrder {
  return { ok: false, failure: { code, detail } };
}
