import type { EventType, JsonValue } from "../../../../shared/contracts/events.ts";
import { type EventOrigin, newEvent } from "../../../../shared/outbox/event.ts";
import type { StoredWebhook } from "../schema.ts";

/** An event about a webhook as it is from now on. It names the host only: paths of hooks often are secrets. */
export function ownEvent(
  origin: EventOrigin,
  type: EventType & `webhook.${string}`,
  { id, userId, url, version }: Pick<StoredWebhook, "id" | "userId" | "url" | "version">,
  metadata: Record<string, JsonValue> = {},
) {
  return newEvent(origin, {
    type,
    account: userId,
    resource: id,
    sequence: version,
    metadata: { host: new URL(url).host, ...metadata },
  });
}
