import type { DeliveryStatus } from "../../../../shared/contracts/webhooks.ts";
import type { Figures } from "../webhooks/webhooks.repo.ts";
import type { Outcome } from "./send.ts";

const CREATE_TABLES = `
  CREATE TABLE IF NOT EXISTS delivery (
    id TEXT PRIMARY KEY,
    idx INTEGER,
    type TEXT NOT NULL,
    resource TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    first_try_at INTEGER,
    settled_at INTEGER
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS delivery_due ON delivery (due_at, idx) WHERE state = 'waiting';
  CREATE INDEX IF NOT EXISTS delivery_head ON delivery (resource) WHERE state = 'waiting';
  CREATE INDEX IF NOT EXISTS delivery_behind ON delivery (resource, idx) WHERE state = 'behind';
  CREATE INDEX IF NOT EXISTS delivery_settled ON delivery (state, settled_at) WHERE settled_at IS NOT NULL;
  CREATE TABLE IF NOT EXISTS attempt (
    delivery_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    url TEXT NOT NULL,
    outcome TEXT NOT NULL,
    PRIMARY KEY (delivery_id, number)
  ) WITHOUT ROWID;`;

/** An event that a webhook is to be told of. */
export interface QueuedEvent {
  id: string;
  /** Its place in the account's log, null for what stands in no log. */
  index: number | null;
  type: string;
  resource: string;
  /** What is posted: JSON. */
  body: string;
}

/**
 * One event on its way to this webhook. `behind`: an earlier event of the same resource has not been settled, so this
 * one must not be sent. Times are Unix milliseconds.
 */
export interface Delivery extends QueuedEvent {
  state: "waiting" | "behind" | "delivered" | "failed";
  /** Failed attempts since it was queued or asked for again: what the waiting times go by. */
  tries: number;
  /** All attempts there ever were. */
  attempts: number;
  dueAt: number;
  createdAt: number;
  firstTryAt: number | null;
  settledAt: number | null;
}

/** An attempt as it is kept. */
export interface KeptAttempt {
  number: number;
  url: string;
  outcome: Outcome;
}

/** A delivery with every attempt that is still kept, oldest first. */
export interface LoggedDelivery {
  delivery: Delivery;
  attempts: KeptAttempt[];
}

const COLUMNS = `
  id, idx AS "index", type, resource, body, state, tries, attempts, due_at AS dueAt, created_at AS createdAt,
  first_try_at AS firstTryAt, settled_at AS settledAt`;
const COLUMNS_BUT_BODY = COLUMNS.replace("body", "'' AS body");

type DeliveryRow = Delivery & Record<string, SqlStorageValue>;

/** Attempts of one delivery that are kept: more are made only by asking again and again. */
const ATTEMPTS_KEPT = 20;

/** How long what is settled can be looked at, and how many at most. */
const KEPT = [
  { state: "delivered", forMs: 7 * 86_400_000, atMost: 1_000 },
  { state: "failed", forMs: 30 * 86_400_000, atMost: 10_000 },
] as const;

const OPEN = "state IN ('waiting', 'behind')";
const CONDITIONS: Record<DeliveryStatus, string> = {
  waiting: OPEN,
  delivered: "state = 'delivered'",
  failed: "state = 'failed'",
};

/** The deliveries of one webhook, in the database of its queue. */
export class DeliveriesRepo {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(CREATE_TABLES);
  }

  /** Queues an event behind those of the same resource that are still on their way. An id that is here changes nothing. */
  add({ id, index, type, resource, body }: QueuedEvent, now: number): void {
    const state = this.hasOpen(resource) ? "behind" : "waiting";
    this.#sql.exec(
      `INSERT OR IGNORE INTO delivery (id, idx, type, resource, body, state, due_at, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[id, index, type, resource, body, state, now, now],
    );
  }

  find(id: string): Delivery | null {
    return this.#sql.exec<DeliveryRow>(`SELECT ${COLUMNS} FROM delivery WHERE id = ?`, id).toArray()[0] ?? null;
  }

  /** Newest first, without their bodies. @param before the id that the page begins behind */
  list(status: DeliveryStatus | null, before: string | null, limit: number): Delivery[] {
    const condition = status === null ? "true" : CONDITIONS[status];
    const select = `
      SELECT ${COLUMNS_BUT_BODY} FROM delivery WHERE ${condition} AND (? IS NULL OR id < ?) ORDER BY id DESC LIMIT ?`;
    return this.#sql.exec<DeliveryRow>(select, before, before, limit).toArray();
  }

  /** Some behind an id, oldest first, without their bodies. @param after null for the first of all */
  listAfter(after: string | null, limit: number): Delivery[] {
    const select = `SELECT ${COLUMNS_BUT_BODY} FROM delivery WHERE id > ? ORDER BY id LIMIT ?`;
    return this.#sql.exec<DeliveryRow>(select, after ?? "", limit).toArray();
  }

  attemptsOf(id: string): KeptAttempt[] {
    const select = "SELECT number, url, outcome FROM attempt WHERE delivery_id = ? ORDER BY number";
    const rows = this.#sql.exec<{ number: number; url: string; outcome: string }>(select, id).toArray();
    return rows.map((row) => ({ ...row, outcome: JSON.parse(row.outcome) }));
  }

  /** What may be sent now, the longest due first. */
  due(now: number, limit: number): Delivery[] {
    const select = `
      SELECT ${COLUMNS} FROM delivery WHERE state = 'waiting' AND due_at <= ? ORDER BY due_at, idx LIMIT ?`;
    return this.#sql.exec<DeliveryRow>(select, now, limit).toArray();
  }

  /** Whether anything is due, and when the next comes that is not (Unix milliseconds; null where none does). */
  nextDue(now: number): { isDue: boolean; nextAt: number | null } {
    const due = "SELECT 1 FROM delivery WHERE state = 'waiting' AND due_at <= ? LIMIT 1";
    const next = "SELECT min(due_at) AS at FROM delivery WHERE state = 'waiting' AND due_at > ?";
    return {
      isDue: this.#sql.exec(due, now).toArray().length > 0,
      nextAt: this.#sql.exec<{ at: number | null }>(next, now).one().at,
    };
  }

  /** Whether an event of this resource is still on its way. */
  hasOpen(resource: string): boolean {
    const select = `
      SELECT 1 FROM delivery WHERE resource = ? AND state = 'waiting'
      UNION ALL SELECT 1 FROM delivery WHERE resource = ? AND state = 'behind' LIMIT 1`;
    return this.#sql.exec(select, resource, resource).toArray().length > 0;
  }

  /** Notes an attempt that began at `outcome.startedAt`. */
  addAttempt({ id, attempts, firstTryAt }: Delivery, url: string, outcome: Outcome): void {
    const number = attempts + 1;
    this.#sql.exec("INSERT OR REPLACE INTO attempt VALUES (?, ?, ?, ?)", id, number, url, JSON.stringify(outcome));
    this.#sql.exec("DELETE FROM attempt WHERE delivery_id = ? AND number <= ?", id, number - ATTEMPTS_KEPT);
    const update = "UPDATE delivery SET attempts = ?, first_try_at = ? WHERE id = ?";
    this.#sql.exec(update, number, firstTryAt ?? outcome.startedAt, id);
  }

  /** Ends a delivery, and lets the next event of the same resource go. */
  settle({ id, resource }: Delivery, state: "delivered" | "failed", now: number): void {
    this.#sql.exec("UPDATE delivery SET state = ?, settled_at = ? WHERE id = ?", state, now, id);
    this.#sql.exec(
      `UPDATE delivery SET state = 'waiting', due_at = ? WHERE id =
         (SELECT id FROM delivery WHERE resource = ? AND state = 'behind' ORDER BY idx LIMIT 1)
       AND NOT EXISTS (SELECT 1 FROM delivery WHERE resource = ? AND state = 'waiting')`,
      ...[now, resource, resource],
    );
  }

  /** Has a delivery tried again at a time. */
  postpone({ id, tries }: Delivery, dueAt: number): void {
    this.#sql.exec("UPDATE delivery SET tries = ?, due_at = ? WHERE id = ?", tries + 1, dueAt, id);
  }

  /** Has a delivery sent once more, whatever became of it. One that is behind another stays there. */
  sendAgain(id: string, now: number): void {
    this.#sql.exec(
      `UPDATE delivery SET state = 'waiting', tries = 0, due_at = ?, first_try_at = NULL, settled_at = NULL
       WHERE id = ? AND state <> 'behind'`,
      ...[now, id],
    );
  }

  /** Has everything that waits tried now, for a receiver that has come back. */
  makeAllDue(now: number): void {
    this.#sql.exec("UPDATE delivery SET due_at = ? WHERE state = 'waiting' AND due_at > ?", now, now);
  }

  /** Has everything that waits begin afresh, for an address that its owner has mended. */
  beginAfresh(now: number): void {
    this.#sql.exec("UPDATE delivery SET due_at = ?, tries = 0, first_try_at = NULL WHERE state = 'waiting'", now);
  }

  figures(): Figures {
    const select = `
      SELECT count(*) FILTER (WHERE ${OPEN}) AS waiting, count(*) FILTER (WHERE state = 'failed') AS setAside,
        min(created_at) FILTER (WHERE ${OPEN}) AS oldestAt FROM delivery`;
    const row = this.#sql.exec<Figures & Record<string, SqlStorageValue>>(select).one();
    return { waiting: row.waiting, setAside: row.setAside, oldestAt: row.oldestAt };
  }

  /** Deletes what was settled long ago, and the oldest of too many. */
  tidy(now: number): void {
    for (const { state, forMs, atMost } of KEPT) {
      const newest = "SELECT settled_at FROM delivery WHERE state = ? AND settled_at IS NOT NULL";
      const [last] = this.#sql
        .exec<{ at: number }>(
          `SELECT settled_at AS at FROM (${newest} ORDER BY settled_at DESC LIMIT 1 OFFSET ?)`,
          state,
          atMost,
        )
        .toArray();
      const until = Math.max(now - forMs, last?.at ?? 0);
      const old = "SELECT id FROM delivery WHERE state = ? AND settled_at IS NOT NULL AND settled_at <= ?";
      this.#sql.exec(`DELETE FROM attempt WHERE delivery_id IN (${old})`, state, until);
      this.#sql.exec(`DELETE FROM delivery WHERE id IN (${old})`, state, until);
    }
  }

  /** When something that is kept now is to be deleted (Unix milliseconds), null where nothing is. */
  nextTidyAt(): number | null {
    const times = KEPT.map(({ state, forMs }) => {
      const select = "SELECT min(settled_at) AS at FROM delivery WHERE state = ? AND settled_at IS NOT NULL";
      const { at } = this.#sql.exec<{ at: number | null }>(select, state).one();
      return at === null ? Number.POSITIVE_INFINITY : at + forMs;
    });
    const next = Math.min(...times);
    return Number.isFinite(next) ? next : null;
  }
}
