import type { DomainEvent } from "../contracts/events.ts";
import type { Settlement } from "../contracts/rpc.ts";
import { createLogger, describeError, type Logger } from "../log.ts";
import { afterRefusal } from "./refusals.ts";
import type { RelayBindings } from "./relay.do.ts";

/** Hands waiting events of one topic on. Throws when the receiver is away. */
export type Deliver = (topic: string) => Promise<void>;

/**
 * The topic of what a receiver refused for good. Its own receiver takes it to where somebody looks: nobody can count what
 * lies in each of a million objects.
 */
export const SET_ASIDE = "set_aside";

/** An event that was refused for good, and why. */
export interface SetAsideEvent {
  id: string;
  /** The event as JSON. */
  body: string;
  tries: number;
  reason: string;
}

const CREATE_TABLE = `
  CREATE TABLE IF NOT EXISTS outbox (
    topic TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    retry_at INTEGER NOT NULL DEFAULT 0,
    set_aside TEXT,
    PRIMARY KEY (topic, id)
  ) WITHOUT ROWID`;

/**
 * An outbox inside a Durable Object. A row and its alarm are one commit, because nothing is awaited between them.
 * A topic is one receiver; each has its own acknowledgement.
 */
export class ObjectOutbox<Event extends DomainEvent = DomainEvent> {
  readonly #ctx: DurableObjectState;
  readonly #deliver: Deliver;
  readonly #leaseMs: number;
  readonly #log: Logger;
  #alarmAt = 0;

  constructor(ctx: DurableObjectState, bindings: RelayBindings, deliver: Deliver) {
    this.#ctx = ctx;
    this.#deliver = deliver;
    this.#leaseMs = Number(bindings.OUTBOX_LEASE_MS);
    this.#log = createLogger(bindings);
    ctx.storage.sql.exec(CREATE_TABLE);
  }

  /**
   * Adds an event in the current turn's transaction and promises its delivery. Adding a key twice changes nothing.
   * @param key what the row is settled by; rows are handed on in the order of their keys
   */
  add(topic: string, event: Event, key = event.id): void {
    const insert = "INSERT OR IGNORE INTO outbox (topic, id, body) VALUES (?, ?, ?)";
    this.#ctx.storage.sql.exec(insert, topic, key, JSON.stringify(event));
    if (this.#alarmAt <= Date.now()) this.#arm();
  }

  /** The next events of a topic, in the order of their keys: ids sort by time. */
  next(topic: string, limit: number): Event[] {
    const select = `
      SELECT body FROM outbox WHERE topic = ? AND retry_at <= ? ORDER BY id LIMIT ?`;
    const rows = this.#ctx.storage.sql.exec<{ body: string }>(select, topic, Date.now(), limit);
    return rows.toArray().map((row) => JSON.parse(row.body));
  }

  /**
   * Deletes what was taken over and notes what was refused. Names rows by the keys they were added under.
   * @returns how many rows left the outbox
   */
  settle(topic: string, { appended, refused }: Settlement): number {
    const remove = "DELETE FROM outbox WHERE topic = ? AND id IN (SELECT value FROM json_each(?))";
    const removed = this.#ctx.storage.sql.exec(remove, topic, JSON.stringify(appended)).rowsWritten;
    for (const { id, reason } of refused) this.#refuse(topic, id, reason);
    if (!this.#hasWaiting()) this.#disarm();
    return removed;
  }

  /** Events that were refused for good, to be settled under `SET_ASIDE` once they are kept elsewhere. */
  setAside(limit: number): SetAsideEvent[] {
    const select = "SELECT id, body, tries, set_aside AS reason FROM outbox WHERE topic = ? ORDER BY id LIMIT ?";
    type Row = SetAsideEvent & Record<string, SqlStorageValue>;
    return this.#ctx.storage.sql.exec<Row>(select, SET_ASIDE, limit).toArray();
  }

  /** Delivers now, without making the caller wait. The alarm delivers too. */
  flush(): void {
    this.#ctx.waitUntil(this.#deliverAll());
  }

  /** Delivers one topic now. A receiver that is away is logged and holds up none of the others: the alarm comes back. */
  async deliver(topic: string): Promise<void> {
    try {
      await this.#deliver(topic);
    } catch (error) {
      this.#log.warn("delivery postponed", { topic, error: describeError(error) });
    }
  }

  /** The owning object's alarm must call this and nothing else that can throw. */
  async alarm(): Promise<void> {
    this.#arm(); // First of all: whatever fails below, the alarm comes back.
    await this.#deliverAll();
    if (!this.#hasWaiting()) this.#disarm();
  }

  async #deliverAll(): Promise<void> {
    await Promise.all(this.#topics().map((topic) => this.deliver(topic)));
  }

  /** Whether anything waits, without counting it. */
  #hasWaiting(): boolean {
    return this.#ctx.storage.sql.exec("SELECT 1 FROM outbox LIMIT 1").toArray().length > 0;
  }

  /** The topics that have rows. One step of the key for each, where DISTINCT would read every row of a backlog. */
  #topics(): string[] {
    const select = "SELECT min(topic) AS topic FROM outbox WHERE topic > ?";
    const topics: string[] = [];
    for (;;) {
      const { topic } = this.#ctx.storage.sql.exec<{ topic: string | null }>(select, topics.at(-1) ?? "").one();
      if (topic === null) return topics;
      topics.push(topic);
    }
  }

  #refuse(topic: string, id: string, reason: string): void {
    const select = "SELECT tries FROM outbox WHERE topic = ? AND id = ?";
    const [row] = this.#ctx.storage.sql.exec<{ tries: number }>(select, topic, id).toArray();
    if (row === undefined) return;
    const { tries, retryAt, setAside } = afterRefusal(row.tries, reason, Date.now());
    const next = setAside === null ? topic : SET_ASIDE;
    const update =
      "UPDATE OR REPLACE outbox SET topic = ?, tries = ?, retry_at = ?, set_aside = ? WHERE topic = ? AND id = ?";
    this.#ctx.storage.sql.exec(update, next, tries, retryAt, setAside, topic, id);
  }

  #arm(): void {
    this.#alarmAt = Date.now() + this.#leaseMs;
    this.#ctx.storage.setAlarm(this.#alarmAt);
  }

  #disarm(): void {
    this.#alarmAt = 0;
    this.#ctx.storage.deleteAlarm();
  }
}
