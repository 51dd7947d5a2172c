import type { DomainEvent, EventType, JsonValue } from "../contracts/events.ts";
import type { RequestOrigin } from "../contracts/rpc.ts";
import { newId } from "../ids.ts";

/** Who did it and in which request, as far as known. An `Actor` of the HTTP kit is one. */
export type EventOrigin = RequestOrigin;

export interface EventFacts {
  type: EventType;
  /** Whose log it belongs to. */
  account: string;
  resource: string;
  /** Counts up per resource, from 1. */
  sequence: number;
  metadata?: Record<string, JsonValue>;
}

/** A new event, to be written in the same transaction as the row it tells of. */
export function newEvent(origin: EventOrigin, facts: EventFacts, now = Date.now()): DomainEvent {
  const { requestId, userId, sessionId, keyId, ip, userAgent } = origin;
  return {
    id: newId(now),
    type: facts.type,
    account: facts.account,
    actor: { userId, sessionId, keyId, ip, userAgent },
    resource: facts.resource,
    sequence: facts.sequence,
    metadata: facts.metadata ?? {},
    occurredAt: new Date(now).toISOString(),
    requestId,
  };
}
