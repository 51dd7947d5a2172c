import { and, desc, eq, lt, sql } from "drizzle-orm";
import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";
import type { DomainEvent } from "../../../shared/contracts/events.ts";
import type { OrderStatus } from "../../../shared/contracts/orders.ts";
import type { Paging } from "../../../shared/http/paging.ts";
import { outboxRow } from "../../../shared/outbox/d1-store.ts";
import { guard, isGuardFailure } from "../../../shared/outbox/guard.ts";
import { type Order, orders, outbox } from "./schema.ts";

export class OrdersRepo {
  readonly #db: DrizzleD1Database;

  constructor(database: D1Database) {
    this.#db = drizzle(database);
  }

  async ping(): Promise<void> {
    await this.#db.run(sql`SELECT 1`);
  }

  async insert(order: Order, event: DomainEvent): Promise<void> {
    await this.#db.batch([this.#db.insert(orders).values(order), this.#db.insert(outbox).values(outboxRow(event))]);
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
