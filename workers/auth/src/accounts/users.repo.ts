import { and, desc, eq, isNotNull, lt, sql } from "drizzle-orm";
import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";
import type { DomainEvent } from "../../../../shared/contracts/events.ts";
import type { Paging } from "../../../../shared/http/paging.ts";
import { outboxRow } from "../../../../shared/outbox/d1-store.ts";
import { guard, isGuardFailure, uniqueViolation } from "../../../../shared/outbox/guard.ts";
import { outbox, type User, users } from "../schema.ts";

/** What became of a write that the unique indexes and the version guard. */
export type WriteOutcome = "written" | "email_taken" | "username_taken" | "conflict";

/** What of a user may change. */
export type UserFields = Pick<User, "name" | "username">;

export function usernameKey(username: string): string {
  return username.toLowerCase();
}

export class UsersRepo {
  readonly #db: DrizzleD1Database;

  constructor(database: D1Database) {
    this.#db = drizzle(database);
  }

  async ping(): Promise<void> {
    await this.#db.run(sql`SELECT 1`);
  }

  async insert(user: User, event: DomainEvent): Promise<WriteOutcome> {
    return outcomeOf(
      this.#db.batch([this.#db.insert(users).values(user), this.#db.insert(outbox).values(outboxRow(event))]),
    );
  }

  async find(id: string): Promise<User | null> {
    const [user] = await this.#db.select().from(users).where(eq(users.id, id));
    return user ?? null;
  }

  /**
   * Finds by address or by user name, whichever it is: only addresses hold an @. Also tells how long every login takes
   * at least while imported hashes remain, in milliseconds; null when none do.
   */
  async findForLogin(login: string): Promise<{ user: User | null; floorMs: number | null }> {
    const key = login.toLowerCase();
    const matches = key.includes("@") ? eq(users.email, key) : eq(users.usernameKey, key);
    const [[user], [floor]] = await this.#db.batch([
      this.#db.select().from(users).where(matches),
      this.#db
        .select({ ms: users.passwordFloorMs })
        .from(users)
        .where(isNotNull(users.passwordFloorMs))
        .orderBy(desc(users.passwordFloorMs))
        .limit(1),
    ]);
    return { user: user ?? null, floorMs: floor?.ms ?? null };
  }

  /** Finds a person, no service account, by their user name in any case. */
  async findPersonByUsername(username: string): Promise<User | null> {
    const isNamed = and(eq(users.usernameKey, usernameKey(username)), eq(users.kind, "person"));
    const [user] = await this.#db.select().from(users).where(isNamed);
    return user ?? null;
  }

  /** Puts a hash of today's kind in the place of an older one of the same password, if that is still there. */
  async upgradeHash(id: string, older: string, passwordHash: string): Promise<void> {
    await this.#db
      .update(users)
      .set({ passwordHash, passwordFloorMs: null })
      .where(and(eq(users.id, id), eq(users.passwordHash, older)));
  }

  async exists(id: string): Promise<boolean> {
    const rows = await this.#db.select({ id: users.id }).from(users).where(eq(users.id, id));
    return rows.length > 0;
  }

  /** Everybody, newest first, one beyond the limit so that the caller sees whether more follow. */
  async list({ limit, cursor }: Paging): Promise<User[]> {
    const before = cursor === undefined ? undefined : lt(users.id, cursor);
    return this.#db
      .select()
      .from(users)
      .where(before)
      .orderBy(desc(users.id))
      .limit(limit + 1);
  }

  /** Service accounts, newest first, one beyond the limit. */
  async listServiceAccounts({ limit, cursor }: Paging): Promise<User[]> {
    const before = cursor === undefined ? undefined : lt(users.id, cursor);
    return this.#db
      .select()
      .from(users)
      .where(and(eq(users.kind, "service"), before))
      .orderBy(desc(users.id))
      .limit(limit + 1);
  }

  /** Changes the user that was read as `user`, unless somebody changed it since. */
  change(user: User, fields: UserFields, updatedAt: string, event: DomainEvent): Promise<WriteOutcome> {
    return this.#update(user, { ...fields, usernameKey: usernameKey(fields.username), updatedAt }, event);
  }

  /** Gives the user that was read as `user` a new password, unless somebody changed that user since. */
  changePassword(user: User, passwordHash: string, updatedAt: string, event: DomainEvent): Promise<WriteOutcome> {
    return this.#update(user, { passwordHash, passwordFloorMs: null, updatedAt }, event);
  }

  async #update(user: User, values: Partial<User>, event: DomainEvent): Promise<WriteOutcome> {
    const unchanged = sql`(SELECT version FROM users WHERE id = ${user.id}) = ${user.version}`;
    return outcomeOf(
      this.#db.batch([
        guard(this.#db, unchanged),
        this.#db
          .update(users)
          .set({ ...values, version: user.version + 1 })
          .where(eq(users.id, user.id)),
        this.#db.insert(outbox).values(outboxRow(event)),
      ]),
    );
  }

  /** Writes an event that has no row of its own. */
  async note(event: DomainEvent): Promise<void> {
    await this.#db.insert(outbox).values(outboxRow(event));
  }
}

/** A batch is one transaction: whatever refuses it, nothing of it is written. */
async function outcomeOf(batch: Promise<unknown>): Promise<WriteOutcome> {
  try {
    await batch;
    return "written";
  } catch (error) {
    if (isGuardFailure(error)) return "conflict";
    const column = uniqueViolation(error);
    if (column === "users.email") return "email_taken";
    if (column === "users.username_key") return "username_taken";
    throw error;
  }
}
