import type { EventType, JsonValue } from "../../../../shared/contracts/events.ts";
import { type EventOrigin, newEvent } from "../../../../shared/outbox/event.ts";
import type { StoredEndpoint } from "../schema.ts";

/** An event about an endpoint as it is from now on. It names the host only: paths of hooks often are secrets. */
export function ownEvent(
  origin: EventOrigin,
  type: EventType & `webhook.${string}`,
  { id, userId, url, version }: Pick<StoredEndpoint, "id" | "userId" | "url" | "version">,
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
