import { and, asc, desc, eq, gt, inArray, lt, sql } from "drizzle-orm";
import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";
import { type DomainEvent, SYSTEM_ACCOUNT } from "../../../shared/contracts/events.ts";
import type { OrderStatus } from "../../../shared/contracts/orders.ts";
import type { Paging } from "../../../shared/http/paging.ts";
import { outboxRow } from "../../../shared/outbox/d1-store.ts";
import { guard, isGuardFailure } from "../../../shared/outbox/guard.ts";
import { erasedUsers, isNotErased } from "../../../shared/personal-data/erased-users.ts";
import { type Order, orders, outbox } from "./schema.ts";

export class OrdersRepo {
  readonly #db: DrizzleD1Database;

  constructor(database: D1Database) {
    this.#db = drizzle(database);
  }

  async ping(): Promise<void> {
    await this.#db.run(sql`SELECT 1`);
  }

  /** @returns false when the user has been erased; nothing is written then. */
  async insert(order: Order, event: DomainEvent): Promise<boolean> {
    try {
      await this.#db.batch([
        guard(this.#db, isNotErased(order.userId)),
        this.#db.insert(orders).values(order),
        this.#db.insert(outbox).values(outboxRow(event)),
      ]);
      return true;
    } catch (error) {
      if (isGuardFailure(error)) return false;
      throw error;
    }
  }

  async find(id: string): Promise<Order | null> {
    const [order] = await this.#db.select().from(orders).where(eq(orders.id, id));
    return order ?? null;
  }

  /** A user's orders, newest first, one beyond the limit so that the caller sees whether more follow. */
  async listOf(userId: string, { limit, cursor }: Paging): Promise<Order[]> {
    const before = cursor === undefined ? undefined : lt(orders.id, cursor);
    return this.#db
      .select()
      .from(orders)
      .where(and(eq(orders.userId, userId), before))
      .orderBy(desc(orders.id))
      .limit(limit + 1);
  }

  /** A user's orders behind an id, oldest first. */
  async listAfter(userId: string, id: string | null, limit: number): Promise<Order[]> {
    const after = id === null ? undefined : gt(orders.id, id);
    return this.#db
      .select()
      .from(orders)
      .where(and(eq(orders.userId, userId), after))
      .orderBy(asc(orders.id))
      .limit(limit);
  }

  /** Closes the door for a user's new orders, and gives some of theirs to nobody. @returns how many */
  async disown(userId: string, limit: number): Promise<number> {
    const some = this.#db.select({ id: orders.id }).from(orders).where(eq(orders.userId, userId)).limit(limit);
    const [, disowned] = await this.#db.batch([
      this.#db.insert(erasedUsers).values({ userId }).onConflictDoNothing(),
      this.#db
        .update(orders)
        .set({ userId: SYSTEM_ACCOUNT })
        .where(inArray(orders.id, some))
        .returning({ id: orders.id }),
    ]);
    return disowned.length;
  }

  /** @returns false when somebody changed the order since `order` was read; nothing is written then. */
  async changeStatus(order: Order, status: OrderStatus, updatedAt: string, event: DomainEvent): Promise<boolean> {
    const unchanged = sql`(SELECT version FROM orders WHERE id = ${order.id}) = ${order.version}`;
    try {
      await this.#db.batch([
        guard(this.#db, unchanged),
        this.#db
          .update(orders)
          .set({ status, updatedAt, version: order.version + 1 })
          .where(eq(orders.id, order.id)),
        this.#db.insert(outbox).values(outboxRow(event)),
      ]);
      return true;
    } catch (error) {
      if (isGuardFailure(error)) return false;
      throw error;
    }
  }
}
