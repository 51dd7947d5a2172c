import { and, asc, count, desc, eq, inArray, lt, min, sql, sum } from "drizzle-orm";
import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";
import type { DomainEvent } from "../../../../shared/contracts/events.ts";
import type { Paging } from "../../../../shared/http/paging.ts";
import { isStillHeld, keeping } from "../../../../shared/idempotency/keys.repo.ts";
import type { KeptAnswer } from "../../../../shared/idempotency/schema.ts";
import { outboxRow } from "../../../../shared/outbox/d1-store.ts";
import { writeGuarded } from "../../../../shared/outbox/guard.ts";
import { erasedUsers, isNotErased } from "../../../../shared/personal-data/erased-users.ts";
import { endpointFigures, endpoints, outbox, type StoredEndpoint } from "../schema.ts";

/** What may change about an endpoint. */
export type EndpointChanges = Partial<Omit<StoredEndpoint, "id" | "userId" | "version" | "createdAt">>;

/** What one endpoint's object has in hand. */
export interface Figures {
  waiting: number;
  setAside: number;
  /** Unix milliseconds, null where nothing waits. */
  oldestAt: number | null;
}

export class EndpointsRepo {
  readonly #db: DrizzleD1Database;

  constructor(database: D1Database) {
    this.#db = drizzle(database);
  }

  /**
   * @param limit how many a user may have
   * @param kept the answer that is to be kept with the endpoint
   * @returns why nothing was written, null when it was
   */
  async insert(
    endpoint: StoredEndpoint,
    limit: number,
    event: DomainEvent,
    kept: KeptAnswer | null,
  ): Promise<"limit_reached" | "unauthenticated" | "key_in_use" | null> {
    const { userId } = endpoint;
    const isBelowLimit = sql`(SELECT count(*) FROM ${endpoints} WHERE ${endpoints.userId} = ${userId}) < ${limit}`;
    const mayBe = sql`${isNotErased(userId)} AND ${isBelowLimit} AND ${isStillHeld(kept)}`;
    const isWritten = await writeGuarded(this.#db, mayBe, [
      this.#db.insert(endpoints).values(endpoint),
      this.#db.insert(outbox).values(outboxRow(event)),
      ...keeping(this.#db, kept),
    ]);
    if (isWritten) return null;
    if (await this.#isErased(userId)) return "unauthenticated";
    return (await this.#countOf(userId)) >= limit ? "limit_reached" : "key_in_use";
  }

  async find(id: string): Promise<StoredEndpoint | null> {
    const [endpoint] = await this.#db.select().from(endpoints).where(eq(endpoints.id, id));
    return endpoint ?? null;
  }

  /** A user's endpoints, newest first, one beyond the limit so that the caller sees whether more follow. */
  async listOf(userId: string, { limit, cursor }: Paging): Promise<StoredEndpoint[]> {
    const before = cursor === undefined ? undefined : lt(endpoints.id, cursor);
    return this.#db
      .select()
      .from(endpoints)
      .where(and(eq(endpoints.userId, userId), before))
      .orderBy(desc(endpoints.id))
      .limit(limit + 1);
  }

  /** All endpoints of a user, of which there are few. */
  async allOf(userId: string): Promise<StoredEndpoint[]> {
    return this.#db.select().from(endpoints).where(eq(endpoints.userId, userId)).orderBy(asc(endpoints.id));
  }

  /** The endpoints of these users that are told of events. */
  async enabledOf(userIds: string[]): Promise<StoredEndpoint[]> {
    return this.#db
      .select()
      .from(endpoints)
      .where(and(inArray(endpoints.userId, userIds), eq(endpoints.enabled, true)));
  }

  /** @returns false when somebody changed the endpoint since it was read; nothing is written then. */
  async change(endpoint: StoredEndpoint, changes: EndpointChanges, event: DomainEvent): Promise<boolean> {
    const { id, version } = endpoint;
    return writeGuarded(this.#db, isUnchanged(endpoint), [
      this.#db
        .update(endpoints)
        .set({ ...changes, version: version + 1 })
        .where(eq(endpoints.id, id)),
      this.#db.insert(outbox).values(outboxRow(event)),
    ]);
  }

  /** @returns false when somebody changed the endpoint since it was read; nothing is deleted then. */
  async delete(endpoint: StoredEndpoint, event: DomainEvent): Promise<boolean> {
    const { id } = endpoint;
    return writeGuarded(this.#db, isUnchanged(endpoint), [
      this.#db.delete(endpoints).where(eq(endpoints.id, id)),
      this.#db.delete(endpointFigures).where(eq(endpointFigures.endpointId, id)),
      this.#db.insert(outbox).values(outboxRow(event)),
    ]);
  }

  /** Deletes a user's endpoints without a trace: their end stands in the log as the end of the account. */
  async deleteAll(ids: string[]): Promise<void> {
    await this.#db.batch([
      this.#db.delete(endpoints).where(inArray(endpoints.id, ids)),
      this.#db.delete(endpointFigures).where(inArray(endpointFigures.endpointId, ids)),
    ]);
  }

  /** Notes what an endpoint's object has in hand, unless the endpoint was deleted meanwhile. */
  async report(endpointId: string, figures: Figures): Promise<void> {
    const { waiting, setAside, oldestAt } = figures;
    await this.#db.run(sql`
      INSERT INTO endpoint_figures (endpoint_id, waiting, set_aside, oldest_at)
      SELECT id, ${waiting}, ${setAside}, ${oldestAt} FROM endpoint WHERE id = ${endpointId}
      ON CONFLICT (endpoint_id) DO UPDATE
      SET waiting = excluded.waiting, set_aside = excluded.set_aside, oldest_at = excluded.oldest_at`);
  }

  /** What all endpoints together have in hand that are told of events. What waits for the others waits by decision. */
  async figures(): Promise<Figures & { disabled: number }> {
    const figures = await this.#db
      .select({
        waiting: sum(endpointFigures.waiting).mapWith(Number),
        setAside: sum(endpointFigures.setAside).mapWith(Number),
        oldestAt: min(endpointFigures.oldestAt),
      })
      .from(endpointFigures)
      .innerJoin(endpoints, eq(endpoints.id, endpointFigures.endpointId))
      .where(eq(endpoints.enabled, true));
    const off = sql`${endpoints.disabledReason} <> 'owner'`;
    const [disabled] = await this.#db.select({ n: count() }).from(endpoints).where(off);
    const [row] = figures;
    return {
      waiting: row?.waiting ?? 0,
      setAside: row?.setAside ?? 0,
      oldestAt: row?.oldestAt ?? null,
      disabled: disabled?.n ?? 0,
    };
  }

  async #countOf(userId: string): Promise<number> {
    const [row] = await this.#db.select({ n: count() }).from(endpoints).where(eq(endpoints.userId, userId));
    return row?.n ?? 0;
  }

  async #isErased(userId: string): Promise<boolean> {
    const rows = await this.#db.select().from(erasedUsers).where(eq(erasedUsers.userId, userId));
    return rows.length > 0;
  }
}

function isUnchanged({ id, version }: StoredEndpoint) {
  return sql`(SELECT ${endpoints.version} FROM ${endpoints} WHERE ${endpoints.id} = ${id}) = ${version}`;
}
