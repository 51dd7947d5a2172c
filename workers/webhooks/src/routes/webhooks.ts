import { Hono } from "hono";
import * as z from "zod";
import { NewWebhook, WebhookChanges, WebhookView, WebhookWithSecret } from "../../../../shared/contracts/webhooks.ts";
import { requires } from "../../../../shared/http/identity.ts";
import { describe } from "../../../../shared/http/openapi.ts";
import { cutPage, PAGE_HEADERS, Paging } from "../../../../shared/http/paging.ts";
import { refuse, refuseUnknown } from "../../../../shared/http/problem.ts";
import { jsonBody, query } from "../../../../shared/http/validate.ts";
import {
  type Answer,
  answerOnce,
  jsonAnswer,
  READS_KEY,
  TELLS_REPLAY,
} from "../../../../shared/idempotency/answer-once.ts";
import type { Env } from "../env.ts";
import { changeWebhook } from "../webhooks/change-webhook.ts";
import { fieldErrors } from "../webhooks/check-fields.ts";
import { createWebhook } from "../webhooks/create-webhook.ts";
import { deleteWebhook } from "../webhooks/delete-webhook.ts";
import { rotateSecret } from "../webhooks/rotate-secret.ts";
import { viewWebhook } from "../webhooks/view.ts";
import { WebhooksRepo } from "../webhooks/webhooks.repo.ts";
import { commitOf, ownWebhook, refuseErrors, sealOf, sealOfAnswers, targetRules, tell } from "./context.ts";

export const webhookRoutes = new Hono<{ Bindings: Env }>();

webhookRoutes.get(
  "/",
  describe({
    summary: "List your webhooks, newest first",
    tags: ["webhooks"],
    responds: { 200: z.array(WebhookView) },
    sends: PAGE_HEADERS,
  }),
  requires("webhooks:read"),
  query(Paging),
  async (c) => {
    const paging = c.req.valid("query");
    const found = await new WebhooksRepo(c.env.DB).listOf(c.var.actor.userId, paging);
    return c.json(cutPage(c, found, paging).map((webhook) => viewWebhook(webhook)));
  },
);

webhookRoutes.post(
  "/",
  describe({
    summary: "Have an address told of events; its secret is shown this once",
    tags: ["webhooks"],
    responds: { 201: WebhookWithSecret },
    sends: { 201: ["Location", TELLS_REPLAY] },
    headers: READS_KEY,
  }),
  requires("webhooks:write"),
  jsonBody(NewWebhook),
  async (c) => {
    const input = c.req.valid("json");
    const errors = fieldErrors(input, targetRules(c));
    if (errors.length > 0) return refuseErrors(c, errors);
    const once = {
      route: "POST /api/webhooks",
      sent: { content: input },
      seal: sealOfAnswers(c),
    };
    return answerOnce(c, once, async (attempt) => {
      const deps = {
        webhooks: new WebhooksRepo(c.env.DB),
        commit: commitOf(c),
        seal: sealOf(c),
        keep: (view: WebhookWithSecret) => attempt.keep(createdAnswer(view)),
      };
      const created = await createWebhook(deps, c.var.actor, input);
      return created.ok ? jsonAnswer(createdAnswer(created.value)) : refuse(c, created.failure);
    });
  },
);

webhookRoutes.get(
  "/:id",
  describe({
    summary: "Read a webhook, without its secret",
    tags: ["webhooks"],
    responds: { 200: WebhookView },
  }),
  requires("webhooks:read"),
  async (c) => {
    const webhook = await ownWebhook(c);
    return webhook === null ? refuseUnknown(c) : c.json(viewWebhook(webhook));
  },
);

webhookRoutes.patch(
  "/:id",
  describe({
    summary: "Change a webhook, or disable and enable it",
    tags: ["webhooks"],
    responds: { 200: WebhookView },
  }),
  requires("webhooks:write"),
  jsonBody(WebhookChanges),
  async (c) => {
    const webhook = await ownWebhook(c);
    if (webhook === null) return refuseUnknown(c);
    const input = c.req.valid("json");
    const errors = fieldErrors(input, targetRules(c));
    if (errors.length > 0) return refuseErrors(c, errors);
    const deps = { webhooks: new WebhooksRepo(c.env.DB), commit: commitOf(c) };
    const changed = await changeWebhook(deps, c.var.actor, webhook, input);
    if (!changed.ok) return refuse(c, changed.failure);
    await tell(c, webhook.id, (queue) => queue.changed());
    return c.json(viewWebhook(changed.value));
  },
);

webhookRoutes.delete(
  "/:id",
  describe({
    summary: "Delete a webhook with all that waits for it",
    tags: ["webhooks"],
    responds: { 204: "Deleted" },
  }),
  requires("webhooks:write"),
  async (c) => {
    const webhook = await ownWebhook(c);
    if (webhook === null) return refuseUnknown(c);
    const deps = {
      webhooks: new WebhooksRepo(c.env.DB),
      commit: commitOf(c),
      empty: (id: string) => tell(c, id, (queue) => queue.empty()),
    };
    const deleted = await deleteWebhook(deps, c.var.actor, webhook);
    return deleted.ok ? c.body(null, 204) : refuse(c, deleted.failure);
  },
);

webhookRoutes.post(
  "/:id/rotate-secret",
  describe({
    summary: "Give a webhook a new secret; the one before signs beside it for 24 hours",
    tags: ["webhooks"],
    responds: { 200: WebhookWithSecret },
  }),
  requires("webhooks:write"),
  async (c) => {
    const webhook = await ownWebhook(c);
    if (webhook === null) return refuseUnknown(c);
    const deps = { webhooks: new WebhooksRepo(c.env.DB), commit: commitOf(c), seal: sealOf(c) };
    const rotated = await rotateSecret(deps, c.var.actor, webhook);
    return rotated.ok ? c.json(rotated.value, 200, { "Cache-Control": "no-store" }) : refuse(c, rotated.failure);
  },
);

function createdAnswer(view: WebhookWithSecret): Answer {
  const headers = { Location: `/api/webhooks/${view.id}`, "Cache-Control": "no-store" };
  return { status: 201, headers, body: JSON.stringify(view) };
}
