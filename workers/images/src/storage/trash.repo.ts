import { asc, inArray } from "drizzle-orm";
import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";
import { trash } from "../schema.ts";

/** D1 takes at most 100 bound parameters in a statement. */
const KEYS_PER_STATEMENT = 90;

/** Keys of objects that are to be deleted. They wait here so that a crash after the commit forgets none. */
export class TrashRepo {
  readonly #db: DrizzleD1Database;

  constructor(database: D1Database) {
    this.#db = drizzle(database);
  }

  async next(): Promise<string[]> {
    const rows = await this.#db.select().from(trash).orderBy(asc(trash.key)).limit(KEYS_PER_STATEMENT);
    return rows.map((row) => row.key);
  }

  async forget(keys: string[]): Promise<void> {
    for (let start = 0; start < keys.length; start += KEYS_PER_STATEMENT) {
      await this.#db.delete(trash).where(inArray(trash.key, keys.slice(start, start + KEYS_PER_STATEMENT)));
    }
  }
}
