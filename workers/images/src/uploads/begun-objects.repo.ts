import { and, asc, eq, inArray, lt, type SQL, sql } from "drizzle-orm";
import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";
import { type BegunObject, begunObjects, trash } from "../schema.ts";

/** D1 takes at most 100 bound parameters in a statement. */
const KEYS_PER_STATEMENT = 90;

/** Holds while nobody has given up the object: the guard of the row that is to name it. */
export function isBegun(key: string): SQL {
  return sql`EXISTS (SELECT 1 FROM ${begunObjects} WHERE ${begunObjects.key} = ${key})`;
}

/**
 * Objects whose bytes are on their way. R2 lists no upload in parts that was begun and not ended, and a whole object says
 * nothing of whether a row will ever name it; so each is written down here before its first byte.
 */
export class BegunObjectsRepo {
  readonly #db: DrizzleD1Database;

  constructor(database: D1Database) {
    this.#db = drizzle(database);
  }

  /** @param now Unix milliseconds */
  async begin(key: string, now: number): Promise<void> {
    await this.#db.insert(begunObjects).values({ key, begunAt: now });
  }

  /** Notes that it is stored in parts, by the id that R2 gave the upload. */
  async noteParts(key: string, partsId: string): Promise<void> {
    await this.#db.update(begunObjects).set({ partsId }).where(eq(begunObjects.key, key));
  }

  /** Its bytes are gone, or never came. */
  async forget(key: string): Promise<void> {
    await this.#db.delete(begunObjects).where(eq(begunObjects.key, key));
  }

  /** Some that are under way, the oldest first. */
  async oldest(): Promise<BegunObject[]> {
    return this.#db.select().from(begunObjects).orderBy(asc(begunObjects.begunAt)).limit(KEYS_PER_STATEMENT);
  }

  /** Hands those of them that are still there to the trash, in one transaction. */
  async discard(keys: string[], begunBefore: number): Promise<void> {
    const isLost = and(inArray(begunObjects.key, keys), lt(begunObjects.begunAt, begunBefore));
    await this.#db.batch([
      this.#db
        .insert(trash)
        .select(this.#db.select({ key: begunObjects.key }).from(begunObjects).where(isLost))
        .onConflictDoNothing(),
      this.#db.delete(begunObjects).where(isLost),
    ]);
  }
}
