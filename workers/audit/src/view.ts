import type { AuditEntry } from "../../../shared/contracts/audit.ts";
import { EVENT_KINDS } from "../../../shared/contracts/events.ts";
import type { LoggedEvent } from "../../../shared/contracts/rpc.ts";
import type { Entry } from "./schema.ts";

/** A logged event as a row. What no user did stands under its account. */
export function entryOf(event: LoggedEvent): Entry {
  return {
    account: event.account,
    index: event.index,
    id: event.id,
    userId: event.actor.userId ?? event.account,
    keyId: event.actor.keyId,
    action: EVENT_KINDS[event.type].action,
    type: event.type,
    resource: event.resource,
    ip: event.actor.ip,
    userAgent: event.actor.userAgent,
    metadata: event.metadata,
    occurredAt: event.occurredAt,
    requestId: event.requestId,
  };
}

export function viewEntry(entry: Entry): AuditEntry {
  return {
    id: entry.id,
    index: entry.index,
    user_id: entry.userId,
    key_id: entry.keyId,
    action: entry.action,
    type: entry.type,
    resource: entry.resource,
    ip: entry.ip,
    user_agent: entry.userAgent,
    metadata: entry.metadata,
    timestamp: entry.occurredAt,
    requestId: entry.requestId,
  };
}
