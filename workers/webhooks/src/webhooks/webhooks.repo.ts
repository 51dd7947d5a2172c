import { and, asc, count, desc, eq, inArray, lt, min, sql, sum } from "drizzle-orm";
import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";
import type { DomainEvent } from "../../../../shared/contracts/events.ts";
import type { Paging } from "../../../../shared/http/paging.ts";
import { isStillHeld, keeping } from "../../../../shared/idempotency/keys.repo.ts";
import type { KeptAnswer } from "../../../../shared/idempotency/schema.ts";
import { outboxRow } from "../../../../shared/outbox/d1-store.ts";
import { writeGuarded } from "../../../../shared/outbox/guard.ts";
import { erasedUsers, isNotErased } from "../../../../shared/personal-data/erased-users.ts";
import { outbox, type StoredWebhook, webhookFigures, webhooks } from "../schema.ts";

/** What may change about a webhook. */
type StoredChanges = Partial<Omit<StoredWebhook, "id" | "userId" | "version" | "createdAt">>;

/** What one webhook's queue has in hand. */
export interface Figures {
  waiting: number;
  setAside: number;
  /** Unix milliseconds, null where nothing waits. */
  oldestAt: number | null;
}

export class WebhooksRepo {
  readonly #db: DrizzleD1Database;

  constructor(database: D1Database) {
    this.#db = drizzle(database);
  }

  /**
   * @param limit how many a user may have
   * @param kept the answer that is to be kept with the webhook
   * @returns why nothing was written, null when it was
   */
  async insert(
    webhook: StoredWebhook,
    limit: number,
    event: DomainEvent,
    kept: KeptAnswer | null,
  ): Promise<"limit_reached" | "unauthenticated" | "key_in_use" | null> {
    const { userId } = webhook;
    const isBelowLimit = sql`(SELECT count(*) FROM ${webhooks} WHERE ${webhooks.userId} = ${userId}) < ${limit}`;
    const mayBe = sql`${isNotErased(userId)} AND ${isBelowLimit} AND ${isStillHeld(kept)}`;
    const isWritten = await writeGuarded(this.#db, mayBe, [
      this.#db.insert(webhooks).values(webhook),
      this.#db.insert(outbox).values(outboxRow(event)),
      ...keeping(this.#db, kept),
    ]);
    if (isWritten) return null;
    if (await this.#isErased(userId)) return "unauthenticated";
    return (await this.#countOf(userId)) >= limit ? "limit_reached" : "key_in_use";
  }

  async find(id: string): Promise<StoredWebhook | null> {
    const [webhook] = await this.#db.select().from(webhooks).where(eq(webhooks.id, id));
    return webhook ?? null;
  }

  /** A user's webhooks, newest first, one beyond the limit so that the caller sees whether more follow. */
  async listOf(userId: string, { limit, cursor }: Paging): Promise<StoredWebhook[]> {
    const before = cursor === undefined ? undefined : lt(webhooks.id, cursor);
    return this.#db
      .select()
      .from(webhooks)
      .where(and(eq(webhooks.userId, userId), before))
      .orderBy(desc(webhooks.id))
      .limit(limit + 1);
  }

  /** All webhooks of a user, of which there are few. */
  async allOf(userId: string): Promise<StoredWebhook[]> {
    return this.#db.select().from(webhooks).where(eq(webhooks.userId, userId)).orderBy(asc(webhooks.id));
  }

  /** The webhooks of these users that are told of events. */
  async enabledOf(userIds: string[]): Promise<StoredWebhook[]> {
    return this.#db
      .select()
      .from(webhooks)
      .where(and(inArray(webhooks.userId, userIds), eq(webhooks.enabled, true)));
  }

  /** @returns false when somebody changed the webhook since it was read; nothing is written then. */
  async change(webhook: StoredWebhook, changes: StoredChanges, event: DomainEvent): Promise<boolean> {
    const { id, version } = webhook;
    return writeGuarded(this.#db, isUnchanged(webhook), [
      this.#db
        .update(webhooks)
        .set({ ...changes, version: version + 1 })
        .where(eq(webhooks.id, id)),
      this.#db.insert(outbox).values(outboxRow(event)),
    ]);
  }

  /** @returns false when somebody changed the webhook since it was read; nothing is deleted then. */
  async delete(webhook: StoredWebhook, event: DomainEvent): Promise<boolean> {
    const { id } = webhook;
    return writeGuarded(this.#db, isUnchanged(webhook), [
      this.#db.delete(webhooks).where(eq(webhooks.id, id)),
      this.#db.delete(webhookFigures).where(eq(webhookFigures.webhookId, id)),
      this.#db.insert(outbox).values(outboxRow(event)),
    ]);
  }

  /** Deletes a user's webhooks without a trace: their end stands in the log as the end of the account. */
  async deleteAll(ids: string[]): Promise<void> {
    await this.#db.batch([
      this.#db.delete(webhooks).where(inArray(webhooks.id, ids)),
      this.#db.delete(webhookFigures).where(inArray(webhookFigures.webhookId, ids)),
    ]);
  }

  /** Notes what a webhook's queue has in hand, unless the webhook was deleted meanwhile. */
  async report(webhookId: string, figures: Figures): Promise<void> {
    const { waiting, setAside, oldestAt } = figures;
    await this.#db.run(sql`
      INSERT INTO webhook_figures (webhook_id, waiting, set_aside, oldest_at)
      SELECT id, ${waiting}, ${setAside}, ${oldestAt} FROM webhook WHERE id = ${webhookId}
      ON CONFLICT (webhook_id) DO UPDATE
      SET waiting = excluded.waiting, set_aside = excluded.set_aside, oldest_at = excluded.oldest_at`);
  }

  /** What all webhooks together have in hand that are told of events. What waits for the others waits by decision. */
  async figures(): Promise<Figures & { disabled: number }> {
    const figures = await this.#db
      .select({
        waiting: sum(webhookFigures.waiting).mapWith(Number),
        setAside: sum(webhookFigures.setAside).mapWith(Number),
        oldestAt: min(webhookFigures.oldestAt),
      })
      .from(webhookFigures)
      .innerJoin(webhooks, eq(webhooks.id, webhookFigures.webhookId))
      .where(eq(webhooks.enabled, true));
    const off = sql`${webhooks.disabledReason} <> 'owner'`;
    const [disabled] = await this.#db.select({ n: count() }).from(webhooks).where(off);
    const [row] = figures;
    return {
      waiting: row?.waiting ?? 0,
      setAside: row?.setAside ?? 0,
      oldestAt: row?.oldestAt ?? null,
      disabled: disabled?.n ?? 0,
    };
  }

  async #countOf(userId: string): Promise<number> {
    const [row] = await this.#db.select({ n: count() }).from(webhooks).where(eq(webhooks.userId, userId));
    return row?.n ?? 0;
  }

  async #isErased(userId: string): Promise<boolean> {
    const rows = await this.#db.select().from(erasedUsers).where(eq(erasedUsers.userId, userId));
    return rows.length > 0;
  }
}

function isUnchanged({ id, version }: StoredWebhook) {
  return sql`(SELECT ${webhooks.version} FROM ${webhooks} WHERE ${webhooks.id} = ${id}) = ${version}`;
}
