import type { NewItem, NewOrder } from "../../../shared/contracts/orders.ts";
import type { Actor } from "../../../shared/http/identity.ts";
import type { FieldError } from "../../../shared/http/problem.ts";
import type { KeptAnswer } from "../../../shared/idempotency/schema.ts";
import { newId } from "../../../shared/ids.ts";
import type { Commit } from "../../../shared/outbox/commit.ts";
import type { Failure } from "../../../shared/result.ts";
import { type ItemsRefusal, type OwnedImages, readItems } from "./order-items.ts";
import type { OrdersRepo } from "./orders.repo.ts";
import type { Order } from "./schema.ts";
import { tellChange } from "./told-change.ts";

interface PlaceOrderDeps {
  orders: Pick<OrdersRepo, "insert">;
  commit: Commit;
  /** Throws when nobody can say. */
  userExists(userId: string): Promise<boolean>;
  ownedImages: OwnedImages;
  /** What is answered, to be kept with the order; null where nobody asked for that. */
  keep(order: Order): Promise<KeptAnswer | null>;
}

/** Why an order was not placed. */
export type PlacingRefusal = ItemsRefusal | Failure<"unauthenticated" | "key_in_use">;

type Placed = { ok: true; value: Order } | { ok: false; failure: PlacingRefusal };

/** Places an order for a user that auth still knows (S1.29). */
export async function placeOrder(deps: PlaceOrderDeps, actor: Actor, input: NewOrder): Promise<Placed> {
  const items = await readItems(deps, actor.userId, itemsOf(input), input.currency);
  if (!items.ok) return { ok: false, failure: input.items === undefined ? ofSingle(items.failure) : items.failure };
  const exists = await deps.userExists(actor.userId).catch(() => null);
  if (exists === null) return refuse("service_unavailable", "Orders cannot be placed at the moment.");
  if (!exists) return refuseErased();
  const now = new Date().toISOString();
  const order: Order = {
    id: newId(),
    userId: actor.userId,
    items: items.value,
    currency: input.currency,
    notes: input.notes ?? null,
    shippingAddress: input.shippingAddress ?? null,
    status: "pending",
    version: 1,
    createdAt: now,
    updatedAt: now,
  };
  const told = tellChange(actor, order, "order.created", {});
  const kept = await deps.keep(order);
  const refusal = await deps.commit(() => deps.orders.insert(order, told, kept));
  if (refusal === "key_in_use") return refuse(refusal, "Another request has taken this key over.");
  return refusal === null ? { ok: true, value: order } : refuseErased();
}

/** The one product of the source (S1.41) is the one item. */
function itemsOf({ items, product, quantity, price }: NewOrder): NewItem[] {
  if (items !== undefined) return items;
  return product === undefined || quantity === undefined || price === undefined ? [] : [{ product, quantity, price }];
}

/** What is wrong with the one item is wrong with the order's own fields. */
function ofSingle({ errors, ...failure }: ItemsRefusal): ItemsRefusal {
  const named = errors?.map((error): FieldError => {
    const path = error.path === "items" ? "price" : error.path.replace("items.0.", "");
    return { ...error, path };
  });
  return { ...failure, ...(named && { errors: named }) };
}

function refuse(code: PlacingRefusal["code"], detail: string): Placed {
  return { ok: false, failure: { code, detail } };
}

function refuseErased() {
  return refuse("unauthenticated", "This account does not exist any more.");
}
