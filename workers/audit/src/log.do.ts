import { DurableObject } from "cloudflare:workers";
import { type DomainEvent, EVENT_KINDS } from "../../../shared/contracts/events.ts";
import type { LoggedEvent, Refusal, Settlement } from "../../../shared/contracts/rpc.ts";
import { describeError } from "../../../shared/log.ts";
import { ObjectOutbox } from "../../../shared/outbox/object-store.ts";
import { checkEvent } from "./check-event.ts";
import type { Env } from "./env.ts";
import { HandOver, outboxKey } from "./hand-over.ts";

/** `idx` counts without a gap from 0. Rows are inserted and read, never updated or deleted. */
const CREATE_TABLE = `
  CREATE TABLE IF NOT EXISTS entry (
    idx INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL
  )`;

/** Answers the new index, or nothing when the id stands in the log already. */
const APPEND = `
  INSERT OR IGNORE INTO entry (idx, id, body)
  SELECT coalesce(max(idx) + 1, 0), ?, ? FROM entry WHERE true
  RETURNING idx`;

/** An entry as it stands in the log: its text never changes. */
export interface LogEntry {
  index: number;
  body: string;
}

/** The log of one account: its only writer, and the first to pass on what was written. */
export class Log extends DurableObject<Env> {
  readonly #outbox = new ObjectOutbox<LoggedEvent>(this.ctx, this.env, (topic) => this.#handOver.deliver(topic));
  readonly #handOver = new HandOver(this.env, this.#outbox);

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.storage.sql.exec(CREATE_TABLE);
  }

  /**
   * Appends events in their order. An id that stands in the log already counts as appended and changes nothing;
   * one that cannot be logged is refused with its reason and holds up none of its neighbours.
   */
  append(events: DomainEvent[]): Settlement {
    const appended: string[] = [];
    const refused: Refusal[] = [];
    for (const event of events) {
      const reason = this.#appendOne(event);
      if (reason === null) appended.push(event.id);
      else refused.push({ id: event.id, reason });
    }
    this.#outbox.flush();
    return { appended, refused };
  }

  /** The entry of an event's id, or null. */
  find(id: string): LogEntry | null {
    const select = "SELECT idx, body FROM entry WHERE id = ?";
    const [row] = this.ctx.storage.sql.exec<{ idx: number; body: string }>(select, id).toArray();
    return row === undefined ? null : { index: row.idx, body: row.body };
  }

  override async alarm(): Promise<void> {
    await this.#outbox.alarm();
  }

  /** @returns why the event cannot be logged, null when it stands in the log. */
  #appendOne(given: DomainEvent): string | null {
    const checked = checkEvent(given);
    if (!checked.ok) return checked.failure.detail;
    const { event, body } = checked.value;
    try {
      // A savepoint of its own: the entry and its outbox rows stand together or not at all.
      this.ctx.storage.transactionSync(() => this.#write(event, body));
      return null;
    } catch (error) {
      return describeError(error);
    }
  }

  #write(event: DomainEvent, body: string): void {
    const [row] = this.ctx.storage.sql.exec<{ idx: number }>(APPEND, event.id, body).toArray();
    if (row === undefined) return;
    const logged = { ...event, index: row.idx };
    for (const topic of EVENT_KINDS[event.type].subscribers) this.#outbox.add(topic, logged, outboxKey(logged));
  }
}
