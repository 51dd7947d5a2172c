import { and, eq, isNull, lte, or, type SQL, sql } from "drizzle-orm";
import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";
import { type HeldKey, idempotencyKeys, type KeptAnswer, type StoredKey } from "./schema.ts";

/**
 * A request that takes longer than this may be dead: another may take its key over, and then its own batch, should it ever
 * come, finds its guard closed.
 */
const LEASE_MS = 60_000;
/** How long a client may come back for an answer, as Stripe's clients know it. */
const KEPT_MS = 24 * 60 * 60 * 1_000;
/** Every claim removes some that have run out: more than it adds, so that none are left over. */
const REMOVED_PER_CLAIM = 3;

/** What became of a claim: the caller holds the key, or what is stored under it. */
export type Claimed = { isHeld: true } | { isHeld: false; stored: StoredKey };

export class IdempotencyKeysRepo {
  readonly #db: DrizzleD1Database;

  constructor(database: D1Database) {
    this.#db = drizzle(database);
  }

  /**
   * Takes a key, or reads what another request has left under it. A request that died is followed by one with the same
   * content only: it may have been about to write. @param now Unix milliseconds
   */
  async claim(held: HeldKey, now: number): Promise<Claimed> {
    const fresh = { ...held, leaseUntil: now + LEASE_MS, expiresAt: now + KEPT_MS };
    const empty = { status: null, headers: null, body: null };
    const { fingerprint: before } = idempotencyKeys;
    const isDead = and(
      isNull(idempotencyKeys.status),
      lte(idempotencyKeys.leaseUntil, now),
      held.fingerprint === null ? undefined : or(isNull(before), eq(before, held.fingerprint)),
    );
    const [, , [stored]] = await this.#db.batch([
      this.#db.delete(idempotencyKeys).where(sql`(user_id, route, key) IN (
        SELECT user_id, route, key FROM idempotency_key WHERE expires_at <= ${now}
        ORDER BY expires_at LIMIT ${REMOVED_PER_CLAIM})`),
      this.#db
        .insert(idempotencyKeys)
        .values({ ...fresh, ...empty })
        .onConflictDoUpdate({
          target: [idempotencyKeys.userId, idempotencyKeys.route, idempotencyKeys.key],
          set: { ...fresh, ...empty },
          setWhere: or(lte(idempotencyKeys.expiresAt, now), isDead),
        }),
      this.#db.select().from(idempotencyKeys).where(isKey(held)),
    ]);
    if (stored === undefined) throw new Error("a key that was just claimed is not there");
    return stored.claim === held.claim ? { isHeld: true } : { isHeld: false, stored };
  }

  /** Gives up a key under which nothing was written, so that the same request may be tried again at once. */
  async release(held: HeldKey): Promise<void> {
    const isUnanswered = and(isKey(held), eq(idempotencyKeys.claim, held.claim), isNull(idempotencyKeys.status));
    await this.#db.delete(idempotencyKeys).where(isUnanswered);
  }
}

function isKey({ userId, route, key }: HeldKey): SQL | undefined {
  return and(eq(idempotencyKeys.userId, userId), eq(idempotencyKeys.route, route), eq(idempotencyKeys.key, key));
}

/**
 * Holds while the request of an answer still has its key: for the guard of the batch that writes what the answer tells of.
 * Always, where the request has none.
 */
export function isStillHeld(kept: KeptAnswer | null): SQL {
  if (kept === null) return sql`TRUE`;
  const { userId, route, key, claim } = kept.held;
  return sql`EXISTS (
    SELECT 1 FROM idempotency_key
    WHERE user_id = ${userId} AND route = ${route} AND key = ${key} AND claim = ${claim} AND status IS NULL)`;
}

/** The statements that keep an answer, for the batch that writes what it tells of. */
export function keeping(db: DrizzleD1Database, kept: KeptAnswer | null) {
  if (kept === null) return [];
  const { held, fingerprint, status, headers, body } = kept;
  return [db.update(idempotencyKeys).set({ fingerprint, status, headers, body }).where(isKey(held))];
}

/** Forgets a user's keys and the answers under them, for the batch that erases the user. */
export function forgettingKeys(db: DrizzleD1Database, userId: string) {
  return db.delete(idempotencyKeys).where(eq(idempotencyKeys.userId, userId));
}
