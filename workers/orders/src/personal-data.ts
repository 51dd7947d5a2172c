import type { ExportPage } from "../../../shared/contracts/rpc.ts";
import { exportPageOf } from "../../../shared/personal-data/export-page.ts";
import type { OrdersRepo } from "./orders.repo.ts";
import type { Order } from "./schema.ts";
import { viewChange, viewOrder } from "./view.ts";

const ORDERS_PER_PAGE = 100;
/** One statement. Whoever has more is asked for again. */
const ORDERS_PER_ERASE = 1_000;

/**
 * A page of a user's orders, each with what happened to it, oldest first.
 * @param cursor the id of the last order of the page before
 */
export async function exportOrders(
  orders: Pick<OrdersRepo, "listAfter" | "changesOf">,
  userId: string,
  cursor: string | null,
): Promise<ExportPage> {
  const found = await orders.listAfter(userId, cursor, ORDERS_PER_PAGE + 1);
  const changes = await orders.changesOf(found.slice(0, ORDERS_PER_PAGE).map(({ id }) => id));
  const recordOf = (order: Order) => {
    const its = changes.filter(({ orderId }) => orderId === order.id);
    return { record: "order", ...viewOrder(order), timeline: its.map((change) => viewChange(order, change)) };
  };
  return exportPageOf(found, ORDERS_PER_PAGE, recordOf, (order) => order.id);
}

/**
 * Takes a user's orders away from them. The orders stay: what was sold for how much is a business record that must be
 * kept; whose it was, where it went and what they noted is not. Answers whether none is left.
 */
export async function eraseOrders(orders: Pick<OrdersRepo, "disown">, userId: string): Promise<boolean> {
  return !(await orders.disown(userId, ORDERS_PER_ERASE));
}
