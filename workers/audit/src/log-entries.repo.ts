import type { DomainEvent } from "../../../shared/contracts/events.ts";
import type { LoggedEvent } from "../../../shared/contracts/rpc.ts";
import { joinEvent, type PersonalPart, partEvent } from "./personal-part.ts";

/**
 * `idx` counts without a gap from 0. Entries are inserted and read, never updated or deleted. What they tell of people
 * lies beside them and can be forgotten; a log whose person was erased keeps nothing of the kind any more.
 */
const CREATE_TABLES = `
  CREATE TABLE IF NOT EXISTS entry (
    idx INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS personal (
    idx INTEGER PRIMARY KEY,
    body TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS erasure (
    event_id TEXT PRIMARY KEY
  ) WITHOUT ROWID;`;

/** Answers the new index, or nothing when the id stands in the log already. */
const APPEND = `
  INSERT OR IGNORE INTO entry (idx, id, body)
  SELECT coalesce(max(idx) + 1, 0), ?, ? FROM entry WHERE true
  RETURNING idx`;

/** The entries of one account, in the database of that account's log. */
export class LogEntriesRepo {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    const isOlder = sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'personal'").toArray().length === 0;
    sql.exec(CREATE_TABLES);
    if (isOlder) this.#partOlderEntries();
  }

  /** Appends an event. @returns it as it was kept, with its index; null when it stands in the log already. */
  append(event: DomainEvent): LoggedEvent | null {
    const { entry, personal } = partEvent(event);
    const [row] = this.#sql.exec<{ idx: number }>(APPEND, event.id, JSON.stringify(entry)).toArray();
    if (row === undefined) return null;
    if (this.isErased()) return { ...entry, index: row.idx };
    this.#sql.exec("INSERT INTO personal (idx, body) VALUES (?, ?)", row.idx, JSON.stringify(personal));
    return { ...event, index: row.idx };
  }

  find(id: string): LoggedEvent | null {
    const select = `
      SELECT entry.idx, entry.body, personal.body AS personal
      FROM entry LEFT JOIN personal ON personal.idx = entry.idx WHERE entry.id = ?`;
    type Row = { idx: number; body: string; personal: string | null };
    const [row] = this.#sql.exec<Row>(select, id).toArray();
    if (row === undefined) return null;
    const personal: PersonalPart | null = row.personal === null ? null : JSON.parse(row.personal);
    return { ...joinEvent(JSON.parse(row.body), personal), index: row.idx };
  }

  /** Forgets what the entries tell of people, and that of all that are still to come. */
  erase(eventId: string): void {
    this.#sql.exec("INSERT OR IGNORE INTO erasure (event_id) VALUES (?)", eventId);
    this.#sql.exec("DELETE FROM personal");
  }

  isErased(): boolean {
    return this.#sql.exec("SELECT 1 FROM erasure LIMIT 1").toArray().length > 0;
  }

  /** Forgets where the person was who caused these entries. What was named in them belongs to the account. */
  forgetActors(indexes: number[]): void {
    const update = `
      UPDATE personal SET body = json_remove(body, '$.actor') WHERE idx IN (SELECT value FROM json_each(?))`;
    this.#sql.exec(update, JSON.stringify(indexes));
  }

  /** Once, for logs from before personal parts lay apart. Nobody has been given a proof of such an entry. */
  #partOlderEntries(): void {
    for (const { idx, body } of this.#sql
      .exec<{ idx: number; body: string }>("SELECT idx, body FROM entry")
      .toArray()) {
      const { entry, personal } = partEvent(JSON.parse(body));
      this.#sql.exec("UPDATE entry SET body = ? WHERE idx = ?", JSON.stringify(entry), idx);
      this.#sql.exec("INSERT INTO personal (idx, body) VALUES (?, ?)", idx, JSON.stringify(personal));
    }
  }
}
