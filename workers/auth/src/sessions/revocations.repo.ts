import { and, asc, gt, lt } from "drizzle-orm";
import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";
import type { Revocation } from "../../../../shared/contracts/rpc.ts";
import { revocations } from "../schema.ts";

/** Whoever is further behind asks again. */
const PAGE = 1_000;

/** The published list of ended sessions and keys. */
export class RevocationsRepo {
  readonly #db: DrizzleD1Database;

  constructor(database: D1Database) {
    this.#db = drizzle(database);
  }

  /** Publishes some ends, at least one; those published before stay as they are. Forgets what nobody need know any more. */
  async publish(ended: Revocation[], now: number): Promise<void> {
    await this.#db.batch([
      this.#db.insert(revocations).values(ended).onConflictDoNothing(),
      this.#db.delete(revocations).where(lt(revocations.until, now)),
    ]);
  }

  /** What was published after a cursor, oldest first. SQLite never gives a sequence number twice or out of order. */
  async after(cursor: number, now: number): Promise<{ revocations: Revocation[]; cursor: number }> {
    const rows = await this.#db
      .select()
      .from(revocations)
      .where(and(gt(revocations.seq, cursor), gt(revocations.until, now)))
      .orderBy(asc(revocations.seq))
      .limit(PAGE);
    const published = rows.map(({ sessionId, until }) => ({ sessionId, until }));
    return { revocations: published, cursor: rows.at(-1)?.seq ?? cursor };
  }
}
