import type { NewWebhook, WebhookWithSecret } from "../../../../shared/contracts/webhooks.ts";
import type { Actor } from "../../../../shared/http/identity.ts";
import type { KeptAnswer } from "../../../../shared/idempotency/schema.ts";
import { newId } from "../../../../shared/ids.ts";
import type { Commit } from "../../../../shared/outbox/commit.ts";
import { fail, ok, type Result } from "../../../../shared/result.ts";
import type { StoredEndpoint } from "../schema.ts";
import type { EndpointsRepo } from "./endpoints.repo.ts";
import { ownEvent } from "./own-event.ts";
import { newSecret } from "./secrets.ts";
import { viewEndpoint } from "./view.ts";

/** Every event of a user is written once for each: this bounds what one upload can cause. */
const ENDPOINTS_MAX = 20;

interface CreateEndpointDeps {
  endpoints: Pick<EndpointsRepo, "insert">;
  commit: Commit;
  seal(endpointId: string, secret: string): Promise<ArrayBuffer>;
  /** What is answered, to be kept with the endpoint; null where nobody asked for that. */
  keep(view: WebhookWithSecret): Promise<KeptAnswer | null>;
}

/** Makes an endpoint. Its secret is in the answer and, sealed, in the database. */
export async function createEndpoint(
  deps: CreateEndpointDeps,
  actor: Actor,
  input: NewWebhook,
): Promise<Result<WebhookWithSecret, "limit_reached" | "unauthenticated" | "key_in_use">> {
  const [id, secret, now] = [newId(), newSecret(), new Date().toISOString()];
  const endpoint: StoredEndpoint = {
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
  const event = ownEvent(actor, "webhook.created", endpoint, { events: endpoint.events });
  const view = { ...viewEndpoint(endpoint), secret };
  const kept = await deps.keep(view);
  const refusal = await deps.commit(() => deps.endpoints.insert(endpoint, ENDPOINTS_MAX, event, kept));
  if (refusal === "key_in_use") return fail(refusal, "Another request has taken this key over.");
  if (refusal === "limit_reached") return fail(refusal, `One account has at most ${ENDPOINTS_MAX} webhooks.`);
  if (refusal !== null) return fail(refusal, "This account does not exist any more.");
  return ok(view);
}
