import { type Context, Hono } from "hono";
import * as z from "zod";
import { DeliveryDetails, DeliveryStatus, DeliveryView } from "../../../../shared/contracts/webhooks.ts";
import { requires } from "../../../../shared/http/identity.ts";
import { describe, refusal } from "../../../../shared/http/openapi.ts";
import { cutPage, PAGE_HEADERS, Paging } from "../../../../shared/http/paging.ts";
import { refuse, refuseUnknown } from "../../../../shared/http/problem.ts";
import { query } from "../../../../shared/http/validate.ts";
import { isId } from "../../../../shared/ids.ts";
import { testEvent } from "../delivery/test-event.ts";
import { viewDelivery, viewDetails } from "../delivery/view.ts";
import type { Env } from "../env.ts";
import { ownWebhook, queueOf } from "./context.ts";

const DeliveriesQuery = Paging.extend({ status: DeliveryStatus.optional() });

/** What was and is to be delivered to one webhook. */
export const deliveryRoutes = new Hono<{ Bindings: Env }>();

deliveryRoutes.post(
  "/:id/test",
  describe({
    summary: "Deliver a test to a webhook, now",
    tags: ["webhooks"],
    responds: { 202: DeliveryView, 409: refusal("It is disabled, or an earlier test is still on its way") },
  }),
  requires("webhooks:write"),
  async (c) => {
    const webhook = await ownWebhook(c);
    if (webhook === null) return refuseUnknown(c);
    if (!webhook.enabled) return refuseDisabled(c);
    const event = testEvent(c.var.actor, webhook.id);
    const queue = queueOf(c, webhook.id);
    if (!(await queue.queueTest(webhook.id, event))) {
      return refuse(c, { code: "not_ready", detail: "An earlier test is still on its way." });
    }
    const found = await queue.find(event.id);
    return found === null ? refuseUnknown(c) : c.json(viewDelivery(found.delivery), 202);
  },
);

deliveryRoutes.get(
  "/:id/deliveries",
  describe({
    summary: "List what was and is to be delivered to a webhook, newest first",
    tags: ["webhooks"],
    responds: { 200: z.array(DeliveryView) },
    sends: PAGE_HEADERS,
  }),
  requires("webhooks:read"),
  query(DeliveriesQuery),
  async (c) => {
    const webhook = await ownWebhook(c);
    if (webhook === null) return refuseUnknown(c);
    const { status = null, ...paging } = c.req.valid("query");
    const found = await queueOf(c, webhook.id).list(status, paging.cursor ?? null, paging.limit + 1);
    return c.json(cutPage(c, found, paging).map(viewDelivery));
  },
);

deliveryRoutes.get(
  "/:id/deliveries/:deliveryId",
  describe({
    summary: "Read a delivery: what was sent, when, and what was answered",
    tags: ["webhooks"],
    responds: { 200: DeliveryDetails },
  }),
  requires("webhooks:read"),
  async (c) => {
    const [webhook, id] = [await ownWebhook(c), c.req.param("deliveryId")];
    const found = webhook === null || !isId(id) ? null : await queueOf(c, webhook.id).find(id);
    return found === null ? refuseUnknown(c) : c.json(viewDetails(found.delivery, found.attempts));
  },
);

deliveryRoutes.post(
  "/:id/deliveries/:deliveryId/redeliver",
  describe({
    summary: "Send a delivery once more, under the same webhook-id, or try it now in place of later",
    tags: ["webhooks"],
    responds: { 202: DeliveryView, 409: refusal("The webhook is disabled") },
  }),
  requires("webhooks:write"),
  async (c) => {
    const [webhook, id] = [await ownWebhook(c), c.req.param("deliveryId")];
    if (webhook === null || !isId(id)) return refuseUnknown(c);
    if (!webhook.enabled) return refuseDisabled(c);
    const delivery = await queueOf(c, webhook.id).redeliver(id);
    return delivery === null ? refuseUnknown(c) : c.json(viewDelivery(delivery), 202);
  },
);

function refuseDisabled(c: Context): Response {
  return refuse(c, { code: "not_ready", detail: "This webhook is disabled. Enable it first." });
}
