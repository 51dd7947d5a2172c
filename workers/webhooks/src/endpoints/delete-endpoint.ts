import type { Actor } from "../../../../shared/http/identity.ts";
import type { Commit } from "../../../../shared/outbox/commit.ts";
import { ok, type Result } from "../../../../shared/result.ts";
import type { StoredEndpoint } from "../schema.ts";
import { refuseChanged } from "./change-endpoint.ts";
import type { EndpointsRepo } from "./endpoints.repo.ts";
import { ownEvent } from "./own-event.ts";

interface DeleteEndpointDeps {
  endpoints: Pick<EndpointsRepo, "delete">;
  commit: Commit;
  /** Empties the endpoint's object. One that is not reached finds out by itself, when it wakes. */
  empty(endpointId: string): Promise<void>;
}

/** Deletes an endpoint with all that waits for it and was delivered. */
export async function deleteEndpoint(
  deps: DeleteEndpointDeps,
  actor: Actor,
  endpoint: StoredEndpoint,
): Promise<Result<null, "conflict">> {
  const event = ownEvent(actor, "webhook.deleted", { ...endpoint, version: endpoint.version + 1 });
  const isDeleted = await deps.commit(() => deps.endpoints.delete(endpoint, event));
  if (!isDeleted) return refuseChanged();
  await deps.empty(endpoint.id);
  return ok(null);
}
