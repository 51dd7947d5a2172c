import type { WebhookWithSecret } from "../../../../shared/contracts/webhooks.ts";
import type { Actor } from "../../../../shared/http/identity.ts";
import type { Commit } from "../../../../shared/outbox/commit.ts";
import { ok, type Result } from "../../../../shared/result.ts";
import type { StoredEndpoint } from "../schema.ts";
import { refuseChanged } from "./change-endpoint.ts";
import type { EndpointsRepo } from "./endpoints.repo.ts";
import { ownEvent } from "./own-event.ts";
import { newSecret } from "./secrets.ts";
import { viewEndpoint } from "./view.ts";

/** How long the receiver has to learn the new secret: until then both sign. */
const OLD_SECRET_SIGNS_MS = 24 * 3_600_000;

interface RotateSecretDeps {
  endpoints: Pick<EndpointsRepo, "change">;
  commit: Commit;
  seal(endpointId: string, secret: string): Promise<ArrayBuffer>;
}

/** Gives an endpoint a new secret. The one before signs beside it for a day; one before that ends now. */
export async function rotateSecret(
  deps: RotateSecretDeps,
  actor: Actor,
  endpoint: StoredEndpoint,
  now = Date.now(),
): Promise<Result<WebhookWithSecret, "conflict">> {
  const secret = newSecret();
  const changes = {
    secret: await deps.seal(endpoint.id, secret),
    previousSecret: endpoint.secret,
    previousUntil: now + OLD_SECRET_SIGNS_MS,
    updatedAt: new Date(now).toISOString(),
  };
  const changed: StoredEndpoint = { ...endpoint, ...changes, version: endpoint.version + 1 };
  const event = ownEvent(actor, "webhook.rotated", changed);
  const isWritten = await deps.commit(() => deps.endpoints.change(endpoint, changes, event));
  return isWritten ? ok({ ...viewEndpoint(changed, now), secret }) : refuseChanged();
}
