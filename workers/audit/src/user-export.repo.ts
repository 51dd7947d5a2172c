import type { DomainEvent } from "../../../shared/contracts/events.ts";
import { DATA_SERVICES, type DataService } from "../../../shared/contracts/personal-data.ts";
import type { ExportPage } from "../../../shared/contracts/rpc.ts";

const CREATE_TABLES = `
  CREATE TABLE IF NOT EXISTS export (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT,
    started_at INTEGER NOT NULL,
    done_at INTEGER,
    expires_at INTEGER NOT NULL,
    unlogged TEXT
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS part (
    service TEXT PRIMARY KEY,
    is_done INTEGER NOT NULL DEFAULT 0,
    cursor TEXT,
    chunks INTEGER NOT NULL DEFAULT 0,
    records INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS chunk (
    service TEXT NOT NULL,
    number INTEGER NOT NULL,
    lines TEXT NOT NULL,
    PRIMARY KEY (service, number)
  );`;

/** An export that was asked for. Times are Unix milliseconds. */
export interface ExportJob {
  id: string;
  userId: string;
  status: "running" | "done" | "failed";
  reason: string | null;
  startedAt: number;
  doneAt: number | null;
  expiresAt: number;
}

/** How far one service's part is. */
export interface ExportPart {
  service: DataService;
  isDone: boolean;
  /** Where its next page begins, null at the start. */
  cursor: string | null;
  records: number;
  bytes: number;
}

const JOB_COLUMNS = `
  id, user_id AS userId, status, reason, started_at AS startedAt, done_at AS doneAt, expires_at AS expiresAt`;

type JobRow = ExportJob & Record<string, SqlStorageValue>;
type PartRow = Omit<ExportPart, "isDone"> & { isDone: number } & Record<string, SqlStorageValue>;

/** One user's export, in the database of that user's object. There is one at a time. */
export class UserExportRepo {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(CREATE_TABLES);
  }

  find(): ExportJob | null {
    return this.#sql.exec<JobRow>(`SELECT ${JOB_COLUMNS} FROM export`).toArray()[0] ?? null;
  }

  /** Puts a new export in the place of the one before. @param event what the log must be told before anything is read */
  replace({ id, userId, status, startedAt, expiresAt }: ExportJob, event: DomainEvent): void {
    this.delete();
    this.#sql.exec(
      "INSERT INTO export (id, user_id, status, started_at, expires_at, unlogged) VALUES (?, ?, ?, ?, ?, ?)",
      id,
      userId,
      status,
      startedAt,
      expiresAt,
      JSON.stringify(event),
    );
    for (const service of DATA_SERVICES) this.#sql.exec("INSERT INTO part (service) VALUES (?)", service);
  }

  /** The event that the log has not been told yet. */
  unlogged(): DomainEvent | null {
    const rows = this.#sql.exec<{ unlogged: string | null }>("SELECT unlogged FROM export").toArray();
    const text = rows[0]?.unlogged ?? null;
    return text === null ? null : JSON.parse(text);
  }

  noteLogged(): void {
    this.#sql.exec("UPDATE export SET unlogged = NULL");
  }

  /** In the order in which they are collected. */
  parts(): ExportPart[] {
    const select = "SELECT service, is_done AS isDone, cursor, records, bytes FROM part";
    const rows = this.#sql.exec<PartRow>(select).toArray();
    return DATA_SERVICES.flatMap((service) => {
      const row = rows.find((candidate) => candidate.service === service);
      return row === undefined ? [] : [{ ...row, service, isDone: row.isDone === 1 }];
    });
  }

  /** Adds a page to a part and moves the part's cursor behind it. */
  addPage(service: DataService, { lines, records, next }: ExportPage, bytes: number): void {
    if (records > 0) {
      const insert = "INSERT INTO chunk (service, number, lines) SELECT service, chunks, ? FROM part WHERE service = ?";
      this.#sql.exec(insert, lines, service);
    }
    this.#sql.exec(
      `UPDATE part
       SET chunks = chunks + ?, records = records + ?, bytes = bytes + ?, cursor = ?, is_done = ? WHERE service = ?`,
      records > 0 ? 1 : 0,
      records,
      bytes,
      next,
      next === null ? 1 : 0,
      service,
    );
  }

  /** The lines of one page of a part, from 0; null behind the last. */
  chunk(service: DataService, number: number): string | null {
    const select = "SELECT lines FROM chunk WHERE service = ? AND number = ?";
    return this.#sql.exec<{ lines: string }>(select, service, number).toArray()[0]?.lines ?? null;
  }

  finish(now: number): void {
    this.#sql.exec("UPDATE export SET status = 'done', done_at = ?", now);
  }

  fail(reason: string, now: number): void {
    this.#sql.exec("DELETE FROM chunk");
    this.#sql.exec("UPDATE export SET status = 'failed', reason = ?, done_at = ?", reason, now);
  }

  delete(): void {
    this.#sql.exec("DELETE FROM chunk; DELETE FROM part; DELETE FROM export;");
  }
}
