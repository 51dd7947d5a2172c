import { and, eq, isNull, sql } from "drizzle-orm";
import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";
import type { DomainEvent } from "../../../../shared/contracts/events.ts";
import { DATA_SERVICES, type DataService } from "../../../../shared/contracts/personal-data.ts";
import { outboxRow } from "../../../../shared/outbox/d1-store.ts";
import { writeGuarded } from "../../../../shared/outbox/guard.ts";
import { erasureParts, erasures, outbox, type User, users } from "../schema.ts";

/** The erasure of an account, and when each service was done with it. */
export interface Erasure {
  id: string;
  userId: string;
  startedAt: string;
  parts: { service: DataService; doneAt: string | null }[];
}

export class ErasuresRepo {
  readonly #db: DrizzleD1Database;

  constructor(database: D1Database) {
    this.#db = drizzle(database);
  }

  /** Puts an erasure in the place of a user. @returns false when that user has changed since; nothing is written then. */
  async begin(user: User, erasure: Erasure, event: DomainEvent): Promise<boolean> {
    const { id, userId, startedAt, parts } = erasure;
    const unchanged = sql`(SELECT version FROM users WHERE id = ${user.id}) = ${user.version}`;
    return writeGuarded(this.#db, unchanged, [
      this.#db.delete(users).where(eq(users.id, user.id)),
      this.#db.insert(erasures).values({ id, userId, startedAt }),
      this.#db.insert(erasureParts).values(parts.map((part) => ({ userId, ...part }))),
      this.#db.insert(outbox).values(outboxRow(event)),
    ]);
  }

  async find(id: string): Promise<Erasure | null> {
    const [found] = await this.#db.select().from(erasures).where(eq(erasures.id, id));
    return found === undefined ? null : this.#withParts(found);
  }

  async findOf(userId: string): Promise<Erasure | null> {
    const [found] = await this.#db.select().from(erasures).where(eq(erasures.userId, userId));
    return found === undefined ? null : this.#withParts(found);
  }

  /** Notes that a service is done. The first time counts. */
  async noteDone(userId: string, service: DataService, doneAt: string): Promise<void> {
    await this.#db
      .update(erasureParts)
      .set({ doneAt })
      .where(and(eq(erasureParts.userId, userId), eq(erasureParts.service, service), isNull(erasureParts.doneAt)));
  }

  async #withParts(erasure: Omit<Erasure, "parts">): Promise<Erasure> {
    const rows = await this.#db.select().from(erasureParts).where(eq(erasureParts.userId, erasure.userId));
    const parts = DATA_SERVICES.map((service) => {
      const row = rows.find((candidate) => candidate.service === service);
      return { service, doneAt: row?.doneAt ?? null };
    });
    return { ...erasure, parts };
  }
}
