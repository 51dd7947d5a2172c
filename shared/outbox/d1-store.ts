import { and, asc, count, eq, inArray, isNotNull, isNull, lte, min, sql } from "drizzle-orm";
import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";
import type { DomainEvent } from "../contracts/events.ts";
import type { Refusal, SetAsideNote, Settlement } from "../contracts/rpc.ts";
import type { SetAsideEvent } from "./object-store.ts";
import { afterRefusal } from "./refusals.ts";
import { outbox } from "./schema.ts";

/** The row that goes into the same batch as what the event tells of. */
export function outboxRow(event: DomainEvent) {
  return { id: event.id, body: JSON.stringify(event), tries: 0, retryAt: 0, setAside: null };
}

/** A service's events in its D1 database. */
export class D1OutboxStore {
  readonly #db: DrizzleD1Database;

  constructor(database: D1Database) {
    this.#db = drizzle(database);
  }

  /** The next events that may be delivered, oldest first. */
  async next(limit: number, now = Date.now()): Promise<DomainEvent[]> {
    const rows = await this.#db
      .select({ body: outbox.body })
      .from(outbox)
      .where(and(isNull(outbox.setAside), lte(outbox.retryAt, now)))
      .orderBy(asc(outbox.id))
      .limit(limit);
    return rows.map((row) => JSON.parse(row.body));
  }

  /** Deletes what was appended and notes what was refused. Settling twice changes nothing more for the appended. */
  async settle({ appended, refused }: Settlement): Promise<void> {
    // One parameter, however many they are: D1 binds a hundred.
    const ids = sql`(SELECT value FROM json_each(${JSON.stringify(appended)}))`;
    if (appended.length > 0) await this.#db.delete(outbox).where(inArray(outbox.id, ids));
    for (const refusal of refused) await this.#refuse(refusal);
  }

  async #refuse({ id, reason }: Refusal): Promise<void> {
    const [row] = await this.#db.select({ tries: outbox.tries }).from(outbox).where(eq(outbox.id, id));
    if (row === undefined) return;
    await this.#db
      .update(outbox)
      .set(afterRefusal(row.tries, reason, Date.now()))
      .where(eq(outbox.id, id));
  }

  /** Takes over what was set aside inside a Durable Object. One that is here already changes nothing. */
  async keepSetAside(events: SetAsideEvent[]): Promise<void> {
    const inserts = events.map(({ id, body, tries, reason }) =>
      this.#db.insert(outbox).values({ id, body, tries, setAside: reason }).onConflictDoNothing(),
    );
    const [first, ...others] = inserts;
    if (first !== undefined) await this.#db.batch([first, ...others]);
  }

  /** How many events still wait and the id of the oldest; those set aside wait no more and are counted apart. */
  async figures(): Promise<{ waiting: number; oldest: string | null; setAside: number }> {
    const waitingId = sql<string>`CASE WHEN ${outbox.setAside} IS NULL THEN ${outbox.id} END`;
    const [row] = await this.#db
      .select({ waiting: count(waitingId), oldest: min(waitingId), setAside: count(outbox.setAside) })
      .from(outbox);
    return row ?? { waiting: 0, oldest: null, setAside: 0 };
  }

  /** Whether anything waits, without counting it. */
  async hasWaiting(): Promise<boolean> {
    const rows = await this.#db.select({ id: outbox.id }).from(outbox).where(isNull(outbox.setAside)).limit(1);
    return rows.length > 0;
  }

  /** What the log refused for good, for the people who look after it, oldest first. @param id only this one */
  async setAside(limit: number, id: string | null = null): Promise<SetAsideNote[]> {
    const rows = await this.#db
      .select()
      .from(outbox)
      .where(and(isNotNull(outbox.setAside), id === null ? undefined : eq(outbox.id, id)))
      .orderBy(asc(outbox.id))
      .limit(limit);
    return rows.map(({ body, tries, setAside }) => {
      const { id, type, account, resource, occurredAt }: DomainEvent = JSON.parse(body);
      return { id, type, account, resource, occurredAt, tries, reason: setAside ?? "" };
    });
  }

  /**
   * Lets events that were set aside be delivered again, as if they were new, and writes an event that tells of it.
   * @returns how many there were; nothing is written where there was none
   */
  async redrive(ids: string[], told: DomainEvent): Promise<number> {
    if (ids.length === 0) return 0;
    const [offered] = await this.#db.batch([
      this.#db
        .update(outbox)
        .set({ setAside: null, tries: 0, retryAt: 0 })
        .where(and(inArray(outbox.id, ids), isNotNull(outbox.setAside)))
        .returning({ id: outbox.id }),
      this.#db.insert(outbox).values(outboxRow(told)),
    ]);
    return offered.length;
  }
}
