import { and, asc, desc, eq, gt, inArray, lt, sql } from "drizzle-orm";
import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";
import { type DomainEvent, SYSTEM_ACCOUNT } from "../../../shared/contracts/events.ts";
import type { OrderStatus } from "../../../shared/contracts/orders.ts";
import type { Paging } from "../../../shared/http/paging.ts";
import { forgettingKeys, isStillHeld, keeping } from "../../../shared/idempotency/keys.repo.ts";
import type { KeptAnswer } from "../../../shared/idempotency/schema.ts";
import { outboxRow } from "../../../shared/outbox/d1-store.ts";
import { guardOf, isWritten, writeGuarded } from "../../../shared/outbox/guard.ts";
import { erasedUsers, isNotErased } from "../../../shared/personal-data/erased-users.ts";
import { insertInto, statement, statementOf } from "../../../shared/statement.ts";
import { type Order, type OrderChange, orderChanges, orders, outbox } from "./schema.ts";

/** Which page of a user's orders, and of which status; of every where none is named. */
export type OrderListing = Paging & { status?: OrderStatus | undefined };

/** A change, and how it is told: two rows that are written with the order's own. */
export interface ToldChange {
  change: OrderChange;
  event: DomainEvent;
}

const insertOrder = insertInto(orders);
const insertChange = insertInto(orderChanges);
const insertEvent = insertInto(outbox);
const isOfSomebody = statement<Pick<Order, "userId">>(guardOf(isNotErased(sql.placeholder("userId"))));

export class OrdersRepo {
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
   * @param kept the answer that is to be kept with the order
   * @returns why nothing was written, null when it was
   */
  async insert(
    order: Order,
    { change, event }: ToldChange,
    kept: KeptAnswer | null,
  ): Promise<"unauthenticated" | "key_in_use" | null> {
    const stillHeld = kept === null ? [] : [guardOf(isStillHeld(kept)), ...keeping(this.#db, kept)];
    const batch = [
      isOfSomebody(this.#database, order),
      insertOrder(this.#database, order),
      insertChange(this.#database, change),
      insertEvent(this.#database, outboxRow(event)),
      ...stillHeld.map((query) => statementOf(this.#database, query)),
    ];
    if (await isWritten(() => this.#database.batch(batch))) return null;
    return (await this.#isErased(order.userId)) ? "unauthenticated" : "key_in_use";
  }

  async find(id: string): Promise<Order | null> {
    const [order] = await this.#db.select().from(orders).where(eq(orders.id, id));
    return order ?? null;
  }

  /** A user's orders, newest first, one beyond the limit so that the caller sees whether more follow. */
  async listOf(userId: string, { limit, cursor, status }: OrderListing): Promise<Order[]> {
    const before = cursor === undefined ? undefined : lt(orders.id, cursor);
    const isIn = status === undefined ? undefined : eq(orders.status, status);
    return this.#db
      .select()
      .from(orders)
      .where(and(eq(orders.userId, userId), isIn, before))
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

  /** What happened to these orders, oldest first. @param orderIds at most a hundred: D1 binds no more */
  async changesOf(orderIds: string[]): Promise<OrderChange[]> {
    return this.#db
      .select()
      .from(orderChanges)
      .where(inArray(orderChanges.orderId, orderIds))
      .orderBy(asc(orderChanges.orderId), asc(orderChanges.version));
  }

  /**
   * Closes the door for a user's new orders, gives some of theirs to nobody, without what they wrote for the shop, and
   * takes their name off some of what they did for it. @returns whether there may be more
   */
  async disown(userId: string, limit: number): Promise<boolean> {
    const some = this.#db.select({ id: orders.id }).from(orders).where(eq(orders.userId, userId)).limit(limit);
    const [, , disowned, unnamed] = await this.#db.batch([
      this.#db.insert(erasedUsers).values({ userId }).onConflictDoNothing(),
      forgettingKeys(this.#db, userId),
      this.#db
        .update(orders)
        .set({ userId: SYSTEM_ACCOUNT, notes: null, shippingAddress: null })
        .where(inArray(orders.id, some))
        .returning({ id: orders.id }),
      this.#db
        .update(orderChanges)
        .set({ shopUserId: SYSTEM_ACCOUNT })
        .where(
          sql`(order_id, version) IN (SELECT order_id, version FROM order_change WHERE shop_user_id = ${userId} LIMIT ${limit})`,
        )
        .returning({ id: orderChanges.orderId }),
    ]);
    return Math.max(disowned.length, unnamed.length) === limit;
  }

  /**
   * Writes an order as it is after a change.
   * @returns false when somebody changed it since `order` was read; nothing is written then
   */
  async change(order: Order, changed: Order, { change, event }: ToldChange): Promise<boolean> {
    const { items, notes, shippingAddress, status, version, updatedAt } = changed;
    const unchanged = sql`(SELECT version FROM orders WHERE id = ${order.id}) = ${order.version}`;
    return writeGuarded(this.#db, unchanged, [
      this.#db
        .update(orders)
        .set({ items, notes, shippingAddress, status, version, updatedAt })
        .where(eq(orders.id, order.id)),
      this.#db.insert(orderChanges).values(change),
      this.#db.insert(outbox).values(outboxRow(event)),
    ]);
  }

  async #isErased(userId: string): Promise<boolean> {
    const rows = await this.#db.select().from(erasedUsers).where(eq(erasedUsers.userId, userId));
    return rows.length > 0;
  }
}
