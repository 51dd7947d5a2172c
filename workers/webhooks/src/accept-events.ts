import type { LoggedEvent } from "../../../shared/contracts/rpc.ts";
import type { EventsRepo } from "./events.repo.ts";
import type { StoredEvent } from "./schema.ts";

interface AcceptEventsDeps {
  events: Pick<EventsRepo, "insert">;
}

/** Takes logged events over. An id seen before changes nothing, so audit may repeat itself. */
export async function acceptEvents(deps: AcceptEventsDeps, logged: LoggedEvent[]): Promise<void> {
  await deps.events.insert(logged.map(storedEvent));
}

/** What may leave is decided here, once: the rest of the event is not even stored. */
function storedEvent(event: LoggedEvent): StoredEvent {
  const { id, index, type, resource, sequence, occurredAt, metadata } = event;
  const actor = { userId: event.actor.userId, keyId: event.actor.keyId };
  const body = { id, index, type, resource, sequence, occurredAt, metadata, actor };
  return { account: event.account, index, id, type, body, occurredAt };
}
