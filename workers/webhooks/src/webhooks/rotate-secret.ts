import type { WebhookWithSecret } from "../../../../shared/contracts/webhooks.ts";
import type { Actor } from "../../../../shared/http/identity.ts";
import type { Commit } from "../../../../shared/outbox/commit.ts";
import { ok, type Result } from "../../../../shared/result.ts";
import type { StoredWebhook } from "../schema.ts";
import { refuseChanged } from "./change-webhook.ts";
import { ownEvent } from "./own-event.ts";
import { newSecret } from "./secrets.ts";
import { viewWebhook } from "./view.ts";
import type { WebhooksRepo } from "./webhooks.repo.ts";

/** How long the receiver has to learn the new secret: until then both sign. */
const OLD_SECRET_SIGNS_MS = 24 * 3_600_000;

interface RotateSecretDeps {
  webhooks: Pick<WebhooksRepo, "change">;
  commit: Commit;
  seal(webhookId: string, secret: string): Promise<ArrayBuffer>;
}

/** Gives a webhook a new secret. The one before signs beside it for a day; one before that ends now. */
export async function rotateSecret(
  deps: RotateSecretDeps,
  actor: Actor,
  webhook: StoredWebhook,
  now = Date.now(),
): Promise<Result<WebhookWithSecret, "conflict">> {
  const secret = newSecret();
  const changes = {
    secret: await deps.seal(webhook.id, secret),
    previousSecret: webhook.secret,
    previousUntil: now + OLD_SECRET_SIGNS_MS,
    updatedAt: new Date(now).toISOString(),
  };
  const changed: StoredWebhook = { ...webhook, ...changes, version: webhook.version + 1 };
  const event = ownEvent(actor, "webhook.rotated", changed);
  const isWritten = await deps.commit(() => deps.webhooks.change(webhook, changes, event));
  return isWritten ? ok({ ...viewWebhook(changed, now), secret }) : refuseChanged();
}
