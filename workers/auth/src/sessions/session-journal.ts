import type { EventType, JsonValue } from "../../../../shared/contracts/events.ts";
import { type EventOrigin, newEvent } from "../../../../shared/outbox/event.ts";
import type { ObjectOutbox } from "../../../../shared/outbox/object-store.ts";

/** What the log takes, and what the published list of ended sessions takes: two receivers of one object's outbox. */
export const AUDIT = "audit";
export const REVOCATIONS = "revocations";

/** Under this key the object keeps whose sessions it holds: an alarm does not tell it. */
const OWNER = "owner";

/** Something that happened to one session or key. */
export interface SessionFact {
  type: EventType;
  /** The id of the session or key. */
  resource: string;
  sequence: number;
  metadata?: Record<string, JsonValue>;
}

/** Writes what happens to the sessions and keys of one user into the outbox of that user's object. */
export class SessionJournal {
  readonly #kv: SyncKvStorage;
  readonly #outbox: ObjectOutbox;

  constructor(kv: SyncKvStorage, outbox: ObjectOutbox) {
    this.#kv = kv;
    this.#outbox = outbox;
  }

  /** Notes whose object this is. Everything recorded later belongs to that account. */
  belongTo(userId: string): void {
    this.#kv.put(OWNER, userId);
  }

  owner(): string {
    const owner = this.#kv.get<string>(OWNER);
    if (owner === undefined) throw new Error("these sessions have no owner");
    return owner;
  }

  /** Records a fact in the current turn's transaction. */
  record(fact: SessionFact, origin: EventOrigin, now: number): void {
    this.#outbox.add(AUDIT, this.#eventOf(fact, origin, now));
  }

  /** Records the end of a session or key, which also belongs on the published list. */
  recordEnd(fact: SessionFact, origin: EventOrigin, now: number): void {
    const event = this.#eventOf(fact, origin, now);
    this.#outbox.add(AUDIT, event);
    this.#outbox.add(REVOCATIONS, event);
  }

  /** Hands on what was recorded, without making the caller wait. The object's alarm does so too. */
  flush(): void {
    this.#outbox.flush();
  }

  /** Publishes the ends that were recorded before the caller is answered. If that fails now, the alarm does it. */
  async publish(): Promise<void> {
    await this.#outbox.deliver(REVOCATIONS);
    this.#outbox.flush();
  }

  /** Whoever signs in had no session before, so the actor's session is the one that is told of. */
  #eventOf({ type, resource, sequence, metadata = {} }: SessionFact, origin: EventOrigin, now: number) {
    const account = this.owner();
    const actor = { ...origin, userId: origin.userId ?? account, sessionId: origin.sessionId ?? resource };
    return newEvent(actor, { type, account, resource, sequence, metadata }, now);
  }
}
