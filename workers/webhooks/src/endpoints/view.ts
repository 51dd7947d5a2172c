import type { WebhookView } from "../../../../shared/contracts/webhooks.ts";
import type { StoredEndpoint } from "../schema.ts";

export function viewEndpoint(endpoint: StoredEndpoint, now = Date.now()): WebhookView {
  const { previousUntil } = endpoint;
  return {
    id: endpoint.id,
    url: endpoint.url,
    description: endpoint.description,
    events: endpoint.events,
    enabled: endpoint.enabled,
    disabledReason: endpoint.disabledReason,
    previousSecretUntil: previousUntil === null || previousUntil <= now ? null : new Date(previousUntil).toISOString(),
    createdAt: endpoint.createdAt,
    updatedAt: endpoint.updatedAt,
  };
}
