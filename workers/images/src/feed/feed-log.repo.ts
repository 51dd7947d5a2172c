import type { LiveUpdate } from "../schema.ts";

/** How long an update can be had again: longer than any client should be away without reading its list anew. */
export const KEPT_MS = 24 * 60 * 60 * 1_000;
/** How many at most, so that a replay is a few hundred kilobytes. */
export const KEPT_MAX = 500;

/** An update as it stands in its user's feed. The id counts up from 1. */
export interface FeedEntry {
  id: number;
  /** An `ImageUpdate` as JSON. */
  data: string;
}

// AUTOINCREMENT: an id whose entry is gone must never name another one.
const CREATE_TABLE = `
  CREATE TABLE IF NOT EXISTS entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL UNIQUE,
    data TEXT NOT NULL,
    at INTEGER NOT NULL
  )`;

/** The last updates of one user, in the object's own database. Times are Unix milliseconds. */
export class FeedLogRepo {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.open();
  }

  /** Makes the table where there is none, also after everything in the object was deleted. */
  open(): void {
    this.#sql.exec(CREATE_TABLE);
  }

  /** @returns the new entry, or null for an update that is there already */
  append({ id, data }: LiveUpdate, now: number): FeedEntry | null {
    const [entry] = this.#sql
      .exec<{ id: number }>(
        // Not ON CONFLICT DO NOTHING, which would use up an id.
        `INSERT INTO entry (source, data, at)
         SELECT ?1, ?2, ?3 WHERE NOT EXISTS (SELECT 1 FROM entry WHERE source = ?1) RETURNING id`,
        id,
        data,
        now,
      )
      .toArray();
    return entry === undefined ? null : { id: entry.id, data };
  }

  /** The id of the last entry there ever was; 0 before the first. */
  newest(): number {
    const [row] = this.#sql.exec<{ seq: number }>("SELECT seq FROM sqlite_sequence WHERE name = 'entry'").toArray();
    return row?.seq ?? 0;
  }

  /** What came behind an entry, oldest first; null where not all of it is there any more. */
  after(id: number): FeedEntry[] | null {
    const entries = this.#sql.exec<{ id: number; data: string }>(
      "SELECT id, data FROM entry WHERE id > ? ORDER BY id",
      id,
    );
    const found = entries.toArray();
    // Each entry has the id behind that of the one before it, so what is missing can be counted.
    return found.length === this.newest() - id ? found : null;
  }

  /** Forgets what is too old or too much. */
  prune(now: number): void {
    this.#sql.exec("DELETE FROM entry WHERE at < ? OR id <= ?", now - KEPT_MS, this.newest() - KEPT_MAX);
  }

  isEmpty(): boolean {
    return this.#sql.exec("SELECT 1 FROM entry LIMIT 1").toArray().length === 0;
  }
}
