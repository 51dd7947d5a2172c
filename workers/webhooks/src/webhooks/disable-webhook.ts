import type { DisabledReason } from "../../../../shared/contracts/webhooks.ts";
import type { Commit } from "../../../../shared/outbox/commit.ts";
import type { StoredWebhook } from "../schema.ts";
import { ownEvent } from "./own-event.ts";
import type { WebhooksRepo } from "./webhooks.repo.ts";

interface DisableWebhookDeps {
  webhooks: Pick<WebhooksRepo, "change">;
  commit: Commit;
}

/** Nobody is at the keyboard: the webhook's own answers, or their absence, end it. */
const NOBODY = { userId: null, sessionId: null, keyId: null, ip: null, userAgent: null, requestId: null };

/** Stops telling a webhook anything, and says so. Where its owner changed it meanwhile, nothing is done. */
export async function disableWebhook(
  deps: DisableWebhookDeps,
  webhook: StoredWebhook,
  reason: Exclude<DisabledReason, "owner">,
): Promise<boolean> {
  const changes = { enabled: false, disabledReason: reason, updatedAt: new Date().toISOString() };
  const changed = { ...webhook, version: webhook.version + 1 };
  const event = ownEvent(NOBODY, "webhook.disabled", changed, { reason });
  return deps.commit(() => deps.webhooks.change(webhook, changes, event));
}
