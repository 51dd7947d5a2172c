import { and, asc, eq, gt, inArray, not, sql } from "drizzle-orm";
import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";
import type { FeedEvent } from "../../../shared/contracts/events-feed.ts";
import { forgettingKeys } from "../../../shared/idempotency/keys.repo.ts";
import { erasedUsers, isNotErased } from "../../../shared/personal-data/erased-users.ts";
import { insertInto, statementOf } from "../../../shared/statement.ts";
import { events, type StoredEvent } from "./schema.ts";

/** Before the first index of every log. */
const BEFORE_ALL = -1;

const insertEvent = insertInto(events, sql`ON CONFLICT DO NOTHING`);

export class EventsRepo {
  readonly #database: D1Database;
  readonly #db: DrizzleD1Database;

  constructor(database: D1Database) {
    this.#database = database;
    this.#db = drizzle(database);
  }

  async ping(): Promise<void> {
    await this.#db.run(sql`SELECT 1`);
  }

  /**
   * Inserts events in one transaction. One that is there already changes nothing, and of an account that was erased
   * nothing stays.
   */
  async insert(rows: StoredEvent[]): Promise<void> {
    if (rows.length === 0) return;
    const accounts = new Set(rows.map((row) => row.account));
    const closed = [...accounts].map((account) =>
      this.#db.delete(events).where(and(eq(events.account, account), not(isNotErased(account)))),
    );
    await this.#database.batch([
      ...rows.map((row) => insertEvent(this.#database, row)),
      ...closed.map((query) => statementOf(this.#database, query)),
    ]);
  }

  /** An account's events behind an index, oldest first. */
  async listAfter(account: string, after: number = BEFORE_ALL, limit: number): Promise<FeedEvent[]> {
    const rows = await this.#db
      .select({ body: events.body })
      .from(events)
      .where(and(eq(events.account, account), gt(events.index, after)))
      .orderBy(asc(events.index))
      .limit(limit);
    return rows.map((row) => row.body);
  }

  /** Closes the door for an account's new events, and deletes its keys and some of its old events. @returns how many */
  async deleteSome(account: string, limit: number): Promise<number> {
    const some = this.#db.select({ id: events.id }).from(events).where(eq(events.account, account)).limit(limit);
    const [, , deleted] = await this.#db.batch([
      this.#db.insert(erasedUsers).values({ userId: account }).onConflictDoNothing(),
      forgettingKeys(this.#db, account),
      this.#db.delete(events).where(inArray(events.id, some)).returning({ id: events.id }),
    ]);
    return deleted.length;
  }
}
