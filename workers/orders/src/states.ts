import type { OrderStatus } from "../../../shared/contracts/orders.ts";

/** Where an order may go from each status (C18). */
export const NEXT_STATUSES = {
  pending: ["confirmed", "cancelled"],
  confirmed: ["processing", "cancelled"],
  processing: ["shipped", "cancelled"],
  shipped: ["delivered"],
  delivered: [],
  cancelled: [],
} as const satisfies Record<OrderStatus, readonly OrderStatus[]>;

/** The owner may call an order back until work on it begins. */
const OWNER_MAY_CANCEL: readonly OrderStatus[] = ["pending", "confirmed"];

export function isLegalMove(from: OrderStatus, to: OrderStatus): boolean {
  const next: readonly OrderStatus[] = NEXT_STATUSES[from];
  return next.includes(to);
}

export function ownerMayMove(from: OrderStatus, to: OrderStatus): boolean {
  return to === "cancelled" && OWNER_MAY_CANCEL.includes(from);
}
