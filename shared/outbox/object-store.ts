import type { DomainEvent } from "../contracts/events.ts";
import type { Settlement } from "../contracts/rpc.ts";
import { createLogger, describeError, type Logger } from "../log.ts";
import { afterRefusal } from "./refusals.ts";
import type { RelayBindings } from "./relay.do.ts";

/** Hands waiting events of one topic on. Throws when the receiver is away. */
export type Deliver = (topic: string) => Promise<void>;

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
export class ObjectOutbox {
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

  /** Adds an event in the current turn's transaction and promises its delivery. Adding an id twice changes nothing. */
  add(topic: string, event: DomainEvent): void {
    const insert = "INSERT OR IGNORE INTO outbox (topic, id, body) VALUES (?, ?, ?)";
    this.#ctx.storage.sql.exec(insert, topic, event.id, JSON.stringify(event));
    if (this.#alarmAt <= Date.now()) this.#arm();
  }

  /** The next events of a topic, oldest first. */
  next(topic: string, limit: number): DomainEvent[] {
    const select = `
      SELECT body FROM outbox WHERE topic = ? AND set_aside IS NULL AND retry_at <= ? ORDER BY id LIMIT ?`;
    const rows = this.#ctx.storage.sql.exec<{ body: string }>(select, topic, Date.now(), limit);
    return rows.toArray().map((row) => JSON.parse(row.body));
  }

  /** Deletes what was taken over and notes what was refused. */
  settle(topic: string, { appended, refused }: Settlement): void {
    const remove = "DELETE FROM outbox WHERE topic = ? AND id IN (SELECT value FROM json_each(?))";
    if (appended.length > 0) this.#ctx.storage.sql.exec(remove, topic, JSON.stringify(appended));
    for (const { id, reason } of refused) this.#refuse(topic, id, reason);
    if (this.depth() === 0) this.#disarm();
  }

  /** How many rows still wait; those set aside do not. */
  depth(): number {
    const select = "SELECT count(*) AS n FROM outbox WHERE set_aside IS NULL";
    return this.#ctx.storage.sql.exec<{ n: number }>(select).one().n;
  }

  /** Delivers now, without making the caller wait. The alarm delivers too. */
  flush(): void {
    this.#ctx.waitUntil(this.#deliverAll());
  }

  /** The owning object's alarm must call this and nothing else that can throw. */
  async alarm(): Promise<void> {
    this.#arm(); // First of all: whatever fails below, the alarm comes back.
    await this.#deliverAll();
    if (this.depth() === 0) this.#disarm();
  }

  async #deliverAll(): Promise<void> {
    const select = "SELECT DISTINCT topic FROM outbox WHERE set_aside IS NULL";
    const topics = this.#ctx.storage.sql.exec<{ topic: string }>(select).toArray();
    await Promise.all(topics.map(({ topic }) => this.#deliverTopic(topic)));
  }

  /** One receiver that is away holds up none of the others. */
  async #deliverTopic(topic: string): Promise<void> {
    try {
      await this.#deliver(topic);
    } catch (error) {
      this.#log.warn("delivery postponed", { topic, error: describeError(error) });
    }
  }

  #refuse(topic: string, id: string, reason: string): void {
    const select = "SELECT tries FROM outbox WHERE topic = ? AND id = ?";
    const [row] = this.#ctx.storage.sql.exec<{ tries: number }>(select, topic, id).toArray();
    if (row === undefined) return;
    const { tries, retryAt, setAside } = afterRefusal(row.tries, reason, Date.now());
    const update = "UPDATE outbox SET tries = ?, retry_at = ?, set_aside = ? WHERE topic = ? AND id = ?";
    this.#ctx.storage.sql.exec(update, tries, retryAt, setAside, topic, id);
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
