import { Hono } from "hono";
import * as z from "zod";
import { NewOrder, OrderChangeView, OrderStatus, OrderView } from "../../../../shared/contracts/orders.ts";
import { requires } from "../../../../shared/http/identity.ts";
import { describe } from "../../../../shared/http/openapi.ts";
import { cutPage, PAGE_HEADERS, Paging } from "../../../../shared/http/paging.ts";
import { refuseUnknown } from "../../../../shared/http/problem.ts";
import { jsonBody, query } from "../../../../shared/http/validate.ts";
import { etagOf } from "../../../../shared/http/version-tag.ts";
import {
  type Answer,
  answerOnce,
  jsonAnswer,
  READS_KEY,
  TELLS_REPLAY,
} from "../../../../shared/idempotency/answer-once.ts";
import type { Env } from "../env.ts";
import { OrdersRepo } from "../orders.repo.ts";
import { placeOrder } from "../place-order.ts";
import type { Order } from "../schema.ts";
import { viewChange, viewOrder } from "../view.ts";
import { changeRoutes } from "./changes.ts";
import { answerOrder, commitOf, customersOf, photosOf, refuseOrder, visibleOrder } from "./context.ts";

/** Mounted under every path that orders go by. */
export const orderRoutes = new Hono<{ Bindings: Env }>();

orderRoutes.post(
  "/",
  describe({
    summary: "Place an order",
    tags: ["orders"],
    responds: { 201: OrderView },
    sends: { 201: ["Location", "ETag", TELLS_REPLAY] },
    headers: READS_KEY,
  }),
  requires("orders:write"),
  jsonBody(NewOrder),
  async (c) => {
    const input = c.req.valid("json");
    const once = { route: "POST /api/orders", sent: { content: input } };
    return answerOnce(c, once, async (attempt) => {
      const deps = {
        orders: new OrdersRepo(c.env.DB),
        commit: commitOf(c),
        userExists: customersOf(c),
        ownedImages: photosOf(c),
        keep: (order: Order) => attempt.keep(placedAnswer(order)),
      };
      const placed = await placeOrder(deps, c.var.actor, input);
      return placed.ok ? jsonAnswer(placedAnswer(placed.value)) : refuseOrder(c, placed.failure);
    });
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
  query(Paging.extend({ status: OrderStatus.optional() })),
  async (c) => {
    const listing = c.req.valid("query");
    const found = await new OrdersRepo(c.env.DB).listOf(c.var.actor.userId, listing);
    return c.json(cutPage(c, found, listing).map(viewOrder));
  },
);

orderRoutes.get(
  "/:id",
  describe({ summary: "Read an order", tags: ["orders"], responds: { 200: OrderView }, sends: { 200: ["ETag"] } }),
  requires("orders:read"),
  async (c) => {
    const order = await visibleOrder(c);
    return order === null ? refuseUnknown(c) : answerOrder(c, order);
  },
);

orderRoutes.get(
  "/:id/timeline",
  describe({
    summary: "What happened to an order, who did it and when, oldest first",
    tags: ["orders"],
    responds: { 200: z.array(OrderChangeView) },
  }),
  requires("orders:read"),
  async (c) => {
    const order = await visibleOrder(c);
    if (order === null) return refuseUnknown(c);
    const changes = await new OrdersRepo(c.env.DB).changesOf([order.id]);
    return c.json(changes.map((change) => viewChange(order, change)));
  },
);

orderRoutes.route("/", changeRoutes);

function placedAnswer(order: Order): Answer {
  const headers = { Location: `/api/orders/${order.id}`, ETag: etagOf(order) };
  return { status: 201, headers, body: JSON.stringify(viewOrder(order)) };
}
