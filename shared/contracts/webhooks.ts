import * as z from "zod";
import { FeedEvent } from "./events-feed.ts";

/** Why a webhook is told nothing any more: by its owner, by its own 410, or because nothing arrived for days. */
export const DISABLED_REASONS = ["owner", "gone", "failing", "queue_full"] as const;
export type DisabledReason = (typeof DISABLED_REASONS)[number];

const URL_MAX = 2_000;
const DESCRIPTION_MAX = 200;
const PATTERNS_MAX = 50;

/** `image.completed`, `order.*` or `*`. Whether there is such an event, the service says. */
const EventPattern = z.string().max(64);

const fields = {
  url: z
    .string()
    .max(URL_MAX)
    .describe("https, a public host name, no port of its own")
    .meta({ examples: ["https://shop.example.com/hooks/halftone"] }),
  description: z.string().trim().max(DESCRIPTION_MAX),
  events: z
    .array(EventPattern)
    .min(1, "needs at least one; leave it out for all")
    .max(PATTERNS_MAX)
    .meta({ examples: [["image.completed", "order.*"]] }),
};

/** `POST /api/webhooks`. */
export const NewWebhook = z
  .strictObject({ url: fields.url, description: fields.description.default(""), events: fields.events.default(["*"]) })
  .meta({
    ref: "NewWebhook",
    examples: [{ url: "https://shop.example.com/hooks/halftone", events: ["image.completed", "order.*"] }],
  });
export type NewWebhook = z.output<typeof NewWebhook>;

/** `PATCH /api/webhooks/:id`. */
export const WebhookChanges = z
  .strictObject({
    url: fields.url.optional(),
    description: fields.description.optional(),
    events: fields.events.optional(),
    enabled: z.boolean().optional(),
  })
  .meta({ ref: "WebhookChanges", examples: [{ enabled: true }] });
export type WebhookChanges = z.output<typeof WebhookChanges>;

/** A webhook as its owner sees it. Its secret is shown when it is made and when it is rotated. */
export const WebhookView = z
  .object({
    id: z.string(),
    url: z.string(),
    description: z.string(),
    events: z.array(z.string()),
    enabled: z.boolean(),
    disabledReason: z.enum(DISABLED_REASONS).nullable(),
    /** Until when the secret before this one signs too. */
    previousSecretUntil: z.iso.datetime().nullable(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ ref: "Webhook" });
export type WebhookView = z.output<typeof WebhookView>;

export const WebhookWithSecret = WebhookView.extend({
  secret: z.string().describe("whsec_ and base64, as https://www.standardwebhooks.com has it"),
}).meta({ ref: "WebhookWithSecret" });
export type WebhookWithSecret = z.output<typeof WebhookWithSecret>;

const DELIVERY_STATUSES = ["waiting", "delivered", "failed"] as const;
export const DeliveryStatus = z.enum(DELIVERY_STATUSES);
export type DeliveryStatus = z.output<typeof DeliveryStatus>;

/** Why an attempt did not deliver. `status`: an answer that is no 2xx. */
const FAILURE_REASONS = [
  "status",
  "redirect",
  "timeout",
  "connection_failed",
  "answer_broken_off",
  "answer_too_large",
  "address_refused",
  "secret_unreadable",
] as const;
export type FailureReason = (typeof FAILURE_REASONS)[number];

/** One event on its way to one webhook. Its id is the event's, and the `webhook-id` that the receiver sees. */
export const DeliveryView = z
  .object({
    id: z.string(),
    index: z.number().int().nullable().describe("the event's place in the account's log; null for a test"),
    type: z.string(),
    resource: z.string(),
    status: DeliveryStatus,
    attempts: z.number().int(),
    /** Null where an earlier event of the same resource is still on its way, or the webhook is not told anything. */
    nextAttemptAt: z.iso.datetime().nullable(),
    createdAt: z.iso.datetime(),
    settledAt: z.iso.datetime().nullable(),
  })
  .meta({ ref: "WebhookDelivery" });
export type DeliveryView = z.output<typeof DeliveryView>;

const AttemptView = z
  .object({
    number: z.number().int(),
    startedAt: z.iso.datetime(),
    durationMs: z.number().int(),
    request: z.object({ url: z.string(), headers: z.record(z.string(), z.string()) }),
    /** Its status and some of its headers; of the body at most the first 4 KiB. */
    answer: z
      .object({ status: z.number().int(), headers: z.record(z.string(), z.string()), body: z.string() })
      .nullable(),
    reason: z.enum(FAILURE_REASONS).nullable().describe("why it did not deliver; null where it did"),
  })
  .meta({ ref: "WebhookAttempt" });
export type AttemptView = z.output<typeof AttemptView>;

/** A delivery with what was sent and every attempt that is still kept, oldest first. */
export const DeliveryDetails = DeliveryView.extend({
  event: FeedEvent.extend({ index: z.number().int().nullable() }),
  log: z.array(AttemptView),
}).meta({ ref: "WebhookDeliveryDetails" });
export type DeliveryDetails = z.output<typeof DeliveryDetails>;
