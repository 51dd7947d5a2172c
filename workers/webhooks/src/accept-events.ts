import type { LoggedEvent } from "../../../shared/contracts/rpc.ts";
import type { QueuedEvent } from "./delivery/deliveries.repo.ts";
import type { EventsRepo } from "./events.repo.ts";
import type { StoredEvent, StoredWebhook } from "./schema.ts";
import { wants } from "./webhooks/event-filter.ts";
import type { WebhooksRepo } from "./webhooks/webhooks.repo.ts";

interface AcceptEventsDeps {
  events: Pick<EventsRepo, "insert">;
  webhooks: Pick<WebhooksRepo, "enabledOf">;
  /** Returns when the events are written down in the webhook's queue. */
  enqueue(webhookId: string, events: QueuedEvent[]): Promise<void>;
}

/**
 * Takes logged events over, into the feed and the queues of those who want to be told. Returning is the acknowledgement,
 * so it returns when all of it is written down. An id seen before changes nothing, so audit may repeat itself.
 */
export async function acceptEvents(deps: AcceptEventsDeps, logged: LoggedEvent[]): Promise<void> {
  if (logged.length === 0) return;
  const events = logged.map(storedEvent);
  await deps.events.insert(events);
  const webhooks = await deps.webhooks.enabledOf([...new Set(events.map(({ account }) => account))]);
  await Promise.all(webhooks.map((webhook) => enqueueFor(deps, webhook, events)));
}

async function enqueueFor(deps: AcceptEventsDeps, webhook: StoredWebhook, events: StoredEvent[]): Promise<void> {
  const own = events.filter(({ account, type }) => account === webhook.userId && wants(webhook.events, type));
  if (own.length > 0) await deps.enqueue(webhook.id, own.map(queuedEvent));
}

/** What may leave is decided here, once: the rest of the event is not even stored. */
function storedEvent(event: LoggedEvent): StoredEvent {
  const { id, index, type, resource, sequence, occurredAt, metadata } = event;
  const actor = { userId: event.actor.userId, keyId: event.actor.keyId };
  const body = { id, index, type, resource, sequence, occurredAt, metadata, actor };
  return { account: event.account, index, id, type, body, occurredAt };
}

/** The same words as in the feed. */
function queuedEvent({ id, index, type, body }: StoredEvent): QueuedEvent {
  return { id, index, type, resource: body.resource, body: JSON.stringify(body) };
}
