import { and, asc, eq, lt, sql } from "drizzle-orm";
import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";
import { isStillHeld, keeping } from "../../../../shared/idempotency/keys.repo.ts";
import { idempotencyKeys, type KeptAnswer } from "../../../../shared/idempotency/schema.ts";
import { guard, isGuardFailure, writeGuarded } from "../../../../shared/outbox/guard.ts";
import { isNotErased } from "../../../../shared/personal-data/erased-users.ts";
import { files, jobs, openUploads } from "../schema.ts";
import { BEGIN_ROUTE, pathOf } from "./addresses.ts";
import type { Outcome } from "./session-record.ts";

/** Longer than any outage that an upload waits out to be finished. */
const FORGOTTEN_AFTER_MS = 30 * 24 * 60 * 60 * 1_000;

/** Which uploads are under way. Each has its own Durable Object; this is how a user's are counted and found. */
export class OpenUploadsRepo {
  readonly #db: DrizzleD1Database;

  constructor(database: D1Database) {
    this.#db = drizzle(database);
  }

  /**
   * Notes a new upload. A kill may have left a row without its object: those whose time is over do not count, and go
   * long after, because the row of an upload that could not be finished yet must stay.
   * @returns false when the user has as many as may be; null when the user was erased
   */
  async open(upload: typeof openUploads.$inferSelect, limit: number): Promise<boolean | null> {
    const { id, userId, expiresAt } = upload;
    const now = Date.now();
    const isOfUser = eq(openUploads.userId, userId);
    try {
      const [, , opened] = await this.#db.batch([
        guard(this.#db, isNotErased(userId)),
        this.#db.delete(openUploads).where(and(isOfUser, lt(openUploads.expiresAt, now - FORGOTTEN_AFTER_MS))),
        this.#db
          .insert(openUploads)
          .select(sql`
            SELECT ${id}, ${userId}, ${expiresAt}
            WHERE (SELECT COUNT(*) FROM open_upload WHERE user_id = ${userId} AND expires_at > ${now}) < ${limit}`)
          .returning(),
      ]);
      return opened.length > 0;
    } catch (error) {
      if (isGuardFailure(error)) return null;
      throw error;
    }
  }

  /** Keeps what the beginning of an upload is answered. @returns false where another request holds the key by now */
  keepAnswer(kept: KeptAnswer): Promise<boolean> {
    return writeGuarded(this.#db, isStillHeld(kept), keeping(this.#db, kept));
  }

  /** Whether an upload is neither a file yet nor given up. */
  async isOpen(id: string): Promise<boolean> {
    const rows = await this.#db.select({ id: openUploads.id }).from(openUploads).where(eq(openUploads.id, id));
    return rows.length > 0;
  }

  async close(id: string): Promise<void> {
    await this.#db.delete(openUploads).where(eq(openUploads.id, id));
  }

  /** Closes an upload that was refused, and frees the key under which it was begun: its answer names nothing any more. */
  async takeBack(id: string, userId: string): Promise<void> {
    const { headers, route } = idempotencyKeys;
    const namesIt = and(
      eq(idempotencyKeys.userId, userId),
      eq(route, BEGIN_ROUTE),
      sql`${headers} ->> '$.Location' = ${pathOf(id)}`,
    );
    await this.#db.batch([
      this.#db.delete(openUploads).where(eq(openUploads.id, id)),
      this.#db.delete(idempotencyKeys).where(namesIt),
    ]);
  }

  /** Some of a user's uploads. */
  async someOf(userId: string, limit: number): Promise<string[]> {
    const rows = await this.#db
      .select({ id: openUploads.id })
      .from(openUploads)
      .where(eq(openUploads.userId, userId))
      .orderBy(asc(openUploads.id))
      .limit(limit);
    return rows.map(({ id }) => id);
  }

  /** What an upload became; null while its file is not there. */
  async findIngested(id: string): Promise<Outcome | null> {
    const [[file], [job]] = await this.#db.batch([
      this.#db.select({ id: files.id }).from(files).where(eq(files.id, id)),
      // The first job is the one that the upload made.
      this.#db.select({ id: jobs.id }).from(jobs).where(eq(jobs.imageId, id)).orderBy(asc(jobs.id)).limit(1),
    ]);
    if (file === undefined) return null;
    return { fileId: id, imageId: job === undefined ? null : id, jobId: job?.id ?? null };
  }
}
