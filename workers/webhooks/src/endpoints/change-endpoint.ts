import type { WebhookChanges } from "../../../../shared/contracts/webhooks.ts";
import type { Actor } from "../../../../shared/http/identity.ts";
import type { Commit } from "../../../../shared/outbox/commit.ts";
import { fail, ok, type Result } from "../../../../shared/result.ts";
import type { StoredEndpoint } from "../schema.ts";
import type { EndpointsRepo } from "./endpoints.repo.ts";
import { ownEvent } from "./own-event.ts";

interface ChangeEndpointDeps {
  endpoints: Pick<EndpointsRepo, "change">;
  commit: Commit;
}

/** Changes what the input names. Enabling an endpoint forgets why it was disabled. */
export async function changeEndpoint(
  deps: ChangeEndpointDeps,
  actor: Actor,
  endpoint: StoredEndpoint,
  { url = endpoint.url, description = endpoint.description, events, enabled = endpoint.enabled }: WebhookChanges,
): Promise<Result<StoredEndpoint, "conflict">> {
  const changes = {
    url,
    description,
    events: events === undefined ? endpoint.events : [...new Set(events)],
    enabled,
    disabledReason: enabled ? null : (endpoint.disabledReason ?? ("owner" as const)),
    updatedAt: new Date().toISOString(),
  };
  const changed: StoredEndpoint = { ...endpoint, ...changes, version: endpoint.version + 1 };
  const event = ownEvent(actor, "webhook.updated", changed, { enabled, events: changed.events });
  const isWritten = await deps.commit(() => deps.endpoints.change(endpoint, changes, event));
  return isWritten ? ok(changed) : refuseChanged();
}

export function refuseChanged() {
  return fail("conflict", "Somebody changed this webhook meanwhile. Read it again.");
}
