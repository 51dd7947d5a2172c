import type { DomainEvent } from "../../../shared/contracts/events.ts";

/**
 * What an event tells of a person beyond ids: where they were, and whatever was named. It is kept beside the entry, so
 * that it can be forgotten and the entry stays as it was written.
 */
export interface PersonalPart {
  /** Missing once the person who acted was erased. */
  actor?: Partial<DomainEvent["actor"]>;
  /** Missing once the account was erased. */
  metadata?: DomainEvent["metadata"];
}

/**
 * Parts an event into what stands in the log for good and what does not. Only fields known to be pseudonymous stay:
 * what a newer service adds counts as personal.
 */
export function partEvent(event: DomainEvent): { entry: DomainEvent; personal: PersonalPart } {
  const { id, type, account, actor, resource, sequence, metadata, occurredAt, requestId, ...more } = event;
  const { userId, sessionId, keyId, ...whereabouts } = actor;
  const entry: DomainEvent = {
    id,
    type,
    account,
    actor: { userId, sessionId, keyId, ip: null, userAgent: null },
    resource,
    sequence,
    metadata: {},
    occurredAt,
    requestId,
  };
  return { entry, personal: { ...more, metadata, actor: whereabouts } };
}

/** The event as it came, or what is left of it. */
export function joinEvent(entry: DomainEvent, personal: PersonalPart | null): DomainEvent {
  return { ...entry, ...personal, actor: { ...entry.actor, ...personal?.actor } };
}
