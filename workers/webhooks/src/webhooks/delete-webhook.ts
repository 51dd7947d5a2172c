import type { Actor } from "../../../../shared/http/identity.ts";
import type { Commit } from "../../../../shared/outbox/commit.ts";
import { ok, type Result } from "../../../../shared/result.ts";
import type { StoredWebhook } from "../schema.ts";
import { refuseChanged } from "./change-webhook.ts";
import { ownEvent } from "./own-event.ts";
import type { WebhooksRepo } from "./webhooks.repo.ts";

interface DeleteWebhookDeps {
  webhooks: Pick<WebhooksRepo, "delete">;
  commit: Commit;
  /** Empties the webhook's queue. One that is not reached finds out by itself, when it wakes. */
  empty(webhookId: string): Promise<void>;
}

/** Deletes a webhook with all that waits for it and was delivered. */
export async function deleteWebhook(
  deps: DeleteWebhookDeps,
  actor: Actor,
  webhook: StoredWebhook,
): Promise<Result<null, "conflict">> {
  const event = ownEvent(actor, "webhook.deleted", { ...webhook, version: webhook.version + 1 });
  const isDeleted = await deps.commit(() => deps.webhooks.delete(webhook, event));
  if (!isDeleted) return refuseChanged();
  await deps.empty(webhook.id);
  return ok(null);
}
