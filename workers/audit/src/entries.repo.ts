import { and, asc, desc, eq, gt, gte, inArray, lt, lte, ne, type SQL, sql } from "drizzle-orm";
import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";
import { insertInto } from "../../../shared/statement.ts";
import { type Entry, entries } from "./schema.ts";

/** What narrows a list down. Times are ISO 8601 in UTC with milliseconds, so that they compare as text. */
export interface EntryFilter {
  action?: string | undefined;
  resource?: string | undefined;
  /** First instant, included. */
  since?: string | undefined;
  /** Last instant, included. */
  until?: string | undefined;
}

export interface EntryPage {
  limit: number;
  /** The index of the last entry of the page before. */
  cursor?: number | undefined;
}

const insertEntry = insertInto(entries, sql`ON CONFLICT DO NOTHING`);

export class EntriesRepo {
  readonly #database: D1Database;
  readonly #db: DrizzleD1Database;

  constructor(database: D1Database) {
    this.#database = database;
    this.#db = drizzle(database);
  }

  async ping(): Promise<void> {
    await this.#db.run(sql`SELECT 1`);
  }

  /** Inserts entries in one transaction. One that is there already changes nothing. */
  async insert(rows: Entry[]): Promise<void> {
    if (rows.length > 0) await this.#database.batch(rows.map((row) => insertEntry(this.#database, row)));
  }

  /** An account's entries behind an index, oldest first. */
  async listAfter(account: string, index: number | null, limit: number): Promise<Entry[]> {
    const after = index === null ? undefined : gt(entries.index, index);
    return this.#db
      .select()
      .from(entries)
      .where(and(eq(entries.account, account), after))
      .orderBy(asc(entries.index))
      .limit(limit);
  }

  /** Forgets what some of an account's entries tell of people. @returns how many */
  async forgetSome(account: string, limit: number): Promise<number> {
    const tellsOfPeople = sql`(ip IS NOT NULL OR user_agent IS NOT NULL OR metadata <> '{}')`;
    const some = sql`(SELECT idx FROM entry WHERE account = ${account} AND ${tellsOfPeople} LIMIT ${limit})`;
    const forgotten = await this.#db
      .update(entries)
      .set({ ip: null, userAgent: null, metadata: {} })
      .where(and(eq(entries.account, account), sql`idx IN ${some}`))
      .returning({ index: entries.index });
    return forgotten.length;
  }

  /** Some of what somebody did in other people's logs that still tells where they were. */
  async listActsElsewhere(userId: string, limit: number): Promise<Pick<Entry, "account" | "index">[]> {
    const tellsWhere = sql`(ip IS NOT NULL OR user_agent IS NOT NULL)`;
    return this.#db
      .select({ account: entries.account, index: entries.index })
      .from(entries)
      .where(and(eq(entries.userId, userId), ne(entries.userId, entries.account), tellsWhere))
      .limit(limit);
  }

  /** Forgets where somebody was who caused these entries of one account. */
  async forgetActors(account: string, indexes: number[]): Promise<void> {
    await this.#db
      .update(entries)
      .set({ ip: null, userAgent: null })
      .where(and(eq(entries.account, account), inArray(entries.index, indexes)));
  }

  /** An account's entries, latest first, one beyond the limit so that the caller sees whether more follow. */
  async listOf(account: string, filter: EntryFilter, { limit, cursor }: EntryPage): Promise<Entry[]> {
    const wanted = and(
      eq(entries.account, account),
      cursor === undefined ? undefined : lt(entries.index, cursor),
      filter.action === undefined ? undefined : eq(entries.action, filter.action),
      filter.resource === undefined ? undefined : eq(entries.resource, filter.resource),
      filter.since === undefined ? undefined : gte(entries.occurredAt, filter.since),
      filter.until === undefined ? undefined : lte(entries.occurredAt, filter.until),
    );
    const index = indexFor(filter);
    const where = index === null ? wanted : and(eq(entries.account, account), foundBy(index, wanted, limit + 1));
    return this.#db
      .select()
      .from(entries)
      .where(where)
      .orderBy(desc(entries.index))
      .limit(limit + 1);
  }
}

/** The index that a filter needs, null where the primary key serves. */
function indexFor({ action, resource }: EntryFilter): SQL | null {
  if (resource !== undefined) return sql`entry_by_resource`;
  if (action !== undefined) return sql`entry_by_action`;
  return null;
}

/**
 * Finds the page in a named index first. Without a name and without statistics SQLite takes the primary key for every
 * filter and reads the whole account to find a few entries; the query builder can name one in a subquery only.
 * Times have no index: they nearly ascend with the log, and a time filter walks from its end.
 */
function foundBy(index: SQL, wanted: SQL | undefined, limit: number): SQL {
  const page = sql`SELECT idx FROM ${entries} INDEXED BY ${index} WHERE ${wanted} ORDER BY idx DESC LIMIT ${limit}`;
  return inArray(entries.index, sql`(${page})`);
}
