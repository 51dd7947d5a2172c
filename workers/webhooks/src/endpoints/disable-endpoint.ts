import type { DisabledReason } from "../../../../shared/contracts/webhooks.ts";
import type { Commit } from "../../../../shared/outbox/commit.ts";
import type { StoredEndpoint } from "../schema.ts";
import type { EndpointsRepo } from "./endpoints.repo.ts";
import { ownEvent } from "./own-event.ts";

interface DisableEndpointDeps {
  endpoints: Pick<EndpointsRepo, "change">;
  commit: Commit;
}

/** Nobody is at the keyboard: the endpoint's own answers, or their absence, end it. */
const NOBODY = { userId: null, sessionId: null, keyId: null, ip: null, userAgent: null, requestId: null };

/** Stops telling an endpoint anything, and says so. Where its owner changed it meanwhile, nothing is done. */
export async function disableEndpoint(
  deps: DisableEndpointDeps,
  endpoint: StoredEndpoint,
  reason: Exclude<DisabledReason, "owner">,
): Promise<boolean> {
  const changes = { enabled: false, disabledReason: reason, updatedAt: new Date().toISOString() };
  const changed = { ...endpoint, version: endpoint.version + 1 };
  const event = ownEvent(NOBODY, "webhook.disabled", changed, { reason });
  return deps.commit(() => deps.endpoints.change(endpoint, changes, event));
}
