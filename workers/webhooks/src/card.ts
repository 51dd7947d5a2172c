import { LANGUAGE, type ServiceCard } from "../../../shared/contracts/service-card.ts";

/** What this service says of itself, for `GET /services`. */
export const card: ServiceCard = {
  name: "webhooks",
  purpose: "Tells other people's servers what happened, and keeps a feed of it.",
  language: LANGUAGE,
  communication: [
    "HTTP behind the gateway: JSON",
    "RPC WebhooksService for audit, which hands events over once they stand in the log",
    "RPC OutboxService and PersonalDataService for audit",
    "queue halftone-events: says that events wait",
    "POST to the addresses that people have given, signed (Standard Webhooks)",
  ],
  storage: [
    "D1 halftone-webhooks: the events that may be seen outside, webhooks, outbox",
    "Durable Object WebhookQueue, one for each webhook: what waits for it and what was delivered",
  ],
  security: [
    "Addresses and user agents are never stored here",
    "Events about credentials stay in the log",
    "Only public https addresses are called, and redirects are not followed",
    "Signing secrets are sealed (AES-256-GCM)",
  ],
  pattern: "Idempotent receiver; one queue for each webhook, in order for each resource",
};
