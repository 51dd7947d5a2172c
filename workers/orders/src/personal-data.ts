import type { ExportPage } from "../../../shared/contracts/rpc.ts";
import { exportPageOf } from "../../../shared/personal-data/export-page.ts";
import type { OrdersRepo } from "./orders.repo.ts";
import { viewOrder } from "./view.ts";

const ORDERS_PER_PAGE = 100;
/** One statement. Whoever has more is asked for again. */
const ORDERS_PER_ERASE = 1_000;

/** A page of a user's orders, oldest first. @param cursor the id of the last order of the page before */
export async function exportOrders(
  orders: Pick<OrdersRepo, "listAfter">,
  userId: string,
  cursor: string | null,
): Promise<ExportPage> {
  const found = await orders.listAfter(userId, cursor, ORDERS_PER_PAGE + 1);
  const recordOf = (order: (typeof found)[number]) => ({ record: "order", ...viewOrder(order) });
  return exportPageOf(found, ORDERS_PER_PAGE, recordOf, (order) => order.id);
}

/**
 * Takes a user's orders away from them. The orders stay: what was sold for how much is a business record that must be
 * kept; whose it was is not. Answers whether none is left.
 */
export async function eraseOrders(orders: Pick<OrdersRepo, "disown">, userId: string): Promise<boolean> {
  const disowned = await orders.disown(userId, ORDERS_PER_ERASE);
  return disowned < ORDERS_PER_ERASE;
}
