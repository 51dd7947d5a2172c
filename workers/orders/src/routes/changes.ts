import { Hono } from "hono";
import { OrderChanges, type OrderStatus, OrderView, StatusChange } from "../../../../shared/contracts/orders.ts";
import { requires } from "../../../../shared/http/identity.ts";
import { describe } from "../../../../shared/http/openapi.ts";
import { refuseUnknown } from "../../../../shared/http/problem.ts";
import { jsonBody } from "../../../../shared/http/validate.ts";
import { matches } from "../../../../shared/http/version-tag.ts";
import { changeOrder } from "../change-order.ts";
import { changeStatus } from "../change-status.ts";
import { type Env, readSettings } from "../env.ts";
import { OrdersRepo } from "../orders.repo.ts";
import { NEXT_STATUSES } from "../states.ts";
import {
  answerOrder,
  commitOf,
  type OrderContext,
  photosOf,
  READS_IF_MATCH,
  refuseOrder,
  refuseStale,
  visibleOrder,
} from "./context.ts";

const CHANGED = { responds: { 200: OrderView }, sends: { 200: ["ETag"] }, headers: READS_IF_MATCH } as const;

/** What changes an order. */
export const changeRoutes = new Hono<{ Bindings: Env }>();

changeRoutes.patch(
  "/:id",
  describe({ summary: "Change what a pending order holds", tags: ["orders"], ...CHANGED }),
  requires("orders:write"),
  jsonBody(OrderChanges),
  async (c) => {
    const order = await visibleOrder(c);
    if (order === null) return refuseUnknown(c);
    if (!matches(c.req.header("If-Match"), order)) return refuseStale(c);
    const deps = { orders: new OrdersRepo(c.env.DB), commit: commitOf(c), ownedImages: photosOf(c) };
    const changed = await changeOrder(deps, c.var.actor, order, c.req.valid("json"));
    return changed.ok ? answerOrder(c, changed.value) : refuseOrder(c, changed.failure);
  },
);

changeRoutes.put(
  "/:id/status",
  describe({ summary: "Move an order to another status", tags: ["orders"], ...CHANGED }),
  requires("orders:write"),
  jsonBody(StatusChange),
  (c) => move(c, c.req.valid("json").status),
);

changeRoutes.post(
  "/:id/cancel",
  describe({ summary: "Cancel an order: as its owner until work on it begins", tags: ["orders"], ...CHANGED }),
  requires("orders:write"),
  (c) => move(c, "cancelled"),
);

async function move(c: OrderContext, status: OrderStatus): Promise<Response> {
  const order = await visibleOrder(c);
  if (order === null) return refuseUnknown(c);
  if (!matches(c.req.header("If-Match"), order)) return refuseStale(c);
  const deps = {
    orders: new OrdersRepo(c.env.DB),
    commit: commitOf(c),
    ownersMoveAll: readSettings(c.env).ORDER_STATUS_BY === "owner",
  };
  const changed = await changeStatus(deps, c.var.actor, order, status);
  if (changed.ok) return answerOrder(c, changed.value);
  return refuseOrder(c, changed.failure, { allowed: NEXT_STATUSES[order.status] });
}
