import type { Revocation } from "../../../../shared/contracts/rpc.ts";

const CREATE_TABLES = `
  CREATE TABLE IF NOT EXISTS ended_session (session_id TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS read_up_to (one INTEGER PRIMARY KEY CHECK (one = 1), cursor INTEGER NOT NULL);`;

/** Ended sessions in the object's own database, and how far auth's list was read. */
export class EndedSessionsRepo {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(CREATE_TABLES);
  }

  insert({ sessionId, until }: Revocation): void {
    this.#sql.exec("INSERT OR REPLACE INTO ended_session (session_id, until) VALUES (?, ?)", sessionId, until);
  }

  deleteEnded(now: number): void {
    this.#sql.exec("DELETE FROM ended_session WHERE until < ?", now);
  }

  all(): Revocation[] {
    return this.#sql
      .exec<{ sessionId: string; until: number }>("SELECT session_id AS sessionId, until FROM ended_session")
      .toArray();
  }

  /** Null before the first list. */
  cursor(): number | null {
    return this.#sql.exec<{ cursor: number }>("SELECT cursor FROM read_up_to").toArray()[0]?.cursor ?? null;
  }

  setCursor(cursor: number): void {
    this.#sql.exec("INSERT OR REPLACE INTO read_up_to (one, cursor) VALUES (1, ?)", cursor);
  }
}
