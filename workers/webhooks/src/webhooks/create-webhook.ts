import type { NewWebhook, WebhookWithSecret } from "../../../../shared/contracts/webhooks.ts";
import type { Actor } from "../../../../shared/http/identity.ts";
import type { KeptAnswer } from "../../../../shared/idempotency/schema.ts";
import { newId } from "../../../../shared/ids.ts";
import type { Commit } from "../../../../shared/outbox/commit.ts";
import { fail, ok, type Result } from "../../../../shared/result.ts";
import type { StoredWebhook } from "../schema.ts";
import { ownEvent } from "./own-event.ts";
import { newSecret } from "./secrets.ts";
import { viewWebhook } from "./view.ts";
import type { WebhooksRepo } from "./webhooks.repo.ts";

/** Every event of a user is written once for each: this bounds what one upload can cause. */
const WEBHOOKS_MAX = 20;

interface CreateWebhookDeps {
  webhooks: Pick<WebhooksRepo, "insert">;
  commit: Commit;
  seal(webhookId: string, secret: string): Promise<ArrayBuffer>;
  /** What is answered, to be kept with the webhook; null where nobody asked for that. */
  keep(view: WebhookWithSecret): Promise<KeptAnswer | null>;
}

/** Makes a webhook. Its secret is in the answer and, sealed, in the database. */
export async function createWebhook(
  deps: CreateWebhookDeps,
  actor: Actor,
  input: NewWebhook,
): Promise<Result<WebhookWithSecret, "limit_reached" | "unauthenticated" | "key_in_use">> {
  const [id, secret, now] = [newId(), newSecret(), new Date().toISOString()];
  const webhook: StoredWebhook = {
    id,
    userId: actor.userId,
    url: input.url,
    description: input.description,
    events: [...new Set(input.events)],
    enabled: true,
    disabledReason: null,
    secret: await deps.seal(id, secret),
    previousSecret: null,
    previousUntil: null,
    version: 1,
    createdAt: now,
    updatedAt: now,
  };
  const event = ownEvent(actor, "webhook.created", webhook, { events: webhook.events });
  const view = { ...viewWebhook(webhook), secret };
  const kept = await deps.keep(view);
  const refusal = await deps.commit(() => deps.webhooks.insert(webhook, WEBHOOKS_MAX, event, kept));
  if (refusal === "key_in_use") return fail(refusal, "Another request has taken this key over.");
  if (refusal === "limit_reached") return fail(refusal, `One account has at most ${WEBHOOKS_MAX} webhooks.`);
  if (refusal !== null) return fail(refusal, "This account does not exist any more.");
  return ok(view);
}
