import type { EndpointsRepo } from "./endpoints/endpoints.repo.ts";
import type { EventsRepo } from "./events.repo.ts";

/** One statement. Whoever has more is asked for again. */
const EVENTS_PER_ERASE = 1_000;

interface EraseDeps {
  events: Pick<EventsRepo, "deleteSome">;
  endpoints: Pick<EndpointsRepo, "allOf" | "deleteAll">;
  /** Deletes what an endpoint's object holds. */
  empty(endpointId: string): Promise<void>;
}

/** Deletes some of an account's events, and its endpoints with all that they hold. Answers whether none is left. */
export async function eraseWebhooks(deps: EraseDeps, account: string): Promise<boolean> {
  // First of all, because it closes the door for new events and endpoints.
  const deleted = await deps.events.deleteSome(account, EVENTS_PER_ERASE);
  const ids = (await deps.endpoints.allOf(account)).map(({ id }) => id);
  if (ids.length > 0) {
    await Promise.all(ids.map((id) => deps.empty(id)));
    await deps.endpoints.deleteAll(ids);
  }
  return deleted < EVENTS_PER_ERASE;
}
