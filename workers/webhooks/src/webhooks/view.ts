import type { WebhookView } from "../../../../shared/contracts/webhooks.ts";
import type { StoredWebhook } from "../schema.ts";

export function viewWebhook(webhook: StoredWebhook, now = Date.now()): WebhookView {
  const { previousUntil } = webhook;
  return {
    id: webhook.id,
    url: webhook.url,
    description: webhook.description,
    events: webhook.events,
    enabled: webhook.enabled,
    disabledReason: webhook.disabledReason,
    previousSecretUntil: previousUntil === null || previousUntil <= now ? null : new Date(previousUntil).toISOString(),
    createdAt: webhook.createdAt,
    updatedAt: webhook.updatedAt,
  };
}
