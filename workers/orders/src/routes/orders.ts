import { type Context, Hono } from "hono";
import * as z from "zod";
import { NewOrder, OrderView, StatusChange } from "../../../../shared/contracts/orders.ts";
import { type Actor, requires } from "../../../../shared/http/identity.ts";
import { describe } from "../../../../shared/http/openapi.ts";
import { cutPage, PAGE_HEADERS, Paging } from "../../../../shared/http/paging.ts";
import { refuse, refuseUnknown } from "../../../../shared/http/problem.ts";
import { jsonBody, query } from "../../../../shared/http/validate.ts";
import { isId } from "../../../../shared/ids.ts";
import { describeError } from "../../../../shared/log.ts";
import { committer, RELAY_NAME } from "../../../../shared/outbox/commit.ts";
import type { Failure } from "../../../../shared/result.ts";
import { changeStatus } from "../change-status.ts";
import { type Env, readSettings } from "../env.ts";
import { OrdersRepo } from "../orders.repo.ts";
import { placeOrder } from "../place-order.ts";
import type { Order } from "../schema.ts";
import { NEXT_STATUSES } from "../states.ts";
import { userExists } from "../user-exists.ts";
import { viewOrder } from "../view.ts";

type OrderContext = Context<{ Bindings: Env; Variables: { actor: Actor } }>;

/** Mounted under every path that orders go by. */
export const orderRoutes = new Hono<{ Bindings: Env }>();

orderRoutes.post(
  "/",
  describe({
    summary: "Place an order",
    tags: ["orders"],
    responds: { 201: OrderView },
    sends: { 201: ["Location"] },
  }),
  requires("orders:write"),
  jsonBody(NewOrder),
  async (c) => {
    const deps = {
      orders: new OrdersRepo(c.env.DB),
      commit: commitOf(c),
      userExists: () => callerExists(c),
    };
    const placed = await placeOrder(deps, c.var.actor, c.req.valid("json"));
    if (!placed.ok) return refusePlacing(c, placed.failure);
    return c.json(viewOrder(placed.value), 201, { Location: `/api/orders/${placed.value.id}` });
  },
);

orderRoutes.get(
  "/",
  describe({
    summary: "List your orders, newest first",
    tags: ["orders"],
    responds: { 200: z.array(OrderView) },
    sends: PAGE_HEADERS,
  }),
  requires("orders:read"),
  query(Paging),
  async (c) => {
    const paging = c.req.valid("query");
    const found = await new OrdersRepo(c.env.DB).listOf(c.var.actor.userId, paging);
    return c.json(cutPage(c, found, paging).map(viewOrder));
  },
);

orderRoutes.get(
  "/:id",
  describe({ summary: "Read an order", tags: ["orders"], responds: { 200: OrderView } }),
  requires("orders:read"),
  async (c) => {
    const order = await visibleOrder(c);
    return order === null ? refuseUnknown(c) : c.json(viewOrder(order));
  },
);

orderRoutes.put(
  "/:id/status",
  describe({ summary: "Move an order to another status", tags: ["orders"], responds: { 200: OrderView } }),
  requires("orders:write"),
  jsonBody(StatusChange),
  async (c) => {
    const order = await visibleOrder(c);
    if (order === null) return refuseUnknown(c);
    const deps = {
      orders: new OrdersRepo(c.env.DB),
      commit: commitOf(c),
      ownersMoveAll: readSettings(c.env).ORDER_STATUS_BY === "owner",
    };
    const changed = await changeStatus(deps, c.var.actor, order, c.req.valid("json").status);
    if (!changed.ok) return refuse(c, changed.failure, { extra: { allowed: NEXT_STATUSES[order.status] } });
    return c.json(viewOrder(changed.value));
  },
);

/** Whether auth still knows the caller, null while it does not answer. */
async function callerExists(c: OrderContext): Promise<boolean | null> {
  const sources = {
    auth: c.env.AUTH,
    addresses: readSettings(c.env).USER_SERVICE_URL,
    authorization: c.req.header("Authorization") ?? "",
  };
  try {
    return await userExists(sources, c.var.actor.userId);
  } catch (error) {
    c.var.log.error("customer not looked up", { error: describeError(error) });
    return null;
  }
}

function refusePlacing(c: OrderContext, failure: Failure<"unauthenticated" | "service_unavailable">): Response {
  return refuse(c, failure, failure.code === "service_unavailable" ? { headers: { "Retry-After": "5" } } : {});
}

/** The order of the path if the actor may see it: the owner may, and who manages everybody's orders. */
async function visibleOrder(c: OrderContext): Promise<Order | null> {
  const id = c.req.param("id") ?? "";
  if (!isId(id)) return null;
  const order = await new OrdersRepo(c.env.DB).find(id);
  const { userId, permissions } = c.var.actor;
  return order?.userId === userId || permissions.has("orders:manage") ? order : null;
}

function commitOf(c: OrderContext) {
  return committer(c.env.RELAY.getByName(RELAY_NAME), c.executionCtx);
}
