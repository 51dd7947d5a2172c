import type { WebhookChanges } from "../../../../shared/contracts/webhooks.ts";
import type { Actor } from "../../../../shared/http/identity.ts";
import type { Commit } from "../../../../shared/outbox/commit.ts";
import { fail, ok, type Result } from "../../../../shared/result.ts";
import type { StoredWebhook } from "../schema.ts";
import { ownEvent } from "./own-event.ts";
import type { WebhooksRepo } from "./webhooks.repo.ts";

interface ChangeWebhookDeps {
  webhooks: Pick<WebhooksRepo, "change">;
  commit: Commit;
}

/** Changes what the input names. Enabling a webhook forgets why it was disabled. */
export async function changeWebhook(
  deps: ChangeWebhookDeps,
  actor: Actor,
  webhook: StoredWebhook,
  { url = webhook.url, description = webhook.description, events, enabled = webhook.enabled }: WebhookChanges,
): Promise<Result<StoredWebhook, "conflict">> {
  const changes = {
    url,
    description,
    events: events === undefined ? webhook.events : [...new Set(events)],
    enabled,
    disabledReason: enabled ? null : (webhook.disabledReason ?? ("owner" as const)),
    updatedAt: new Date().toISOString(),
  };
  const changed: StoredWebhook = { ...webhook, ...changes, version: webhook.version + 1 };
  const event = ownEvent(actor, "webhook.updated", changed, { enabled, events: changed.events });
  const isWritten = await deps.commit(() => deps.webhooks.change(webhook, changes, event));
  return isWritten ? ok(changed) : refuseChanged();
}

export function refuseChanged() {
  return fail("conflict", "Somebody changed this webhook meanwhile. Read it again.");
}
