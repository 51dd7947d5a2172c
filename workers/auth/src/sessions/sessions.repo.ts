import { ensureColumn } from "../../../../shared/object-schema.ts";
import type { RevokeReason, Session } from "./session-rules.ts";

const CREATE_TABLE = `
  CREATE TABLE IF NOT EXISTS session (
    id TEXT PRIMARY KEY,
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    counter INTEGER NOT NULL,
    rotated_at INTEGER,
    idle_expires_at INTEGER NOT NULL,
    absolute_expires_at INTEGER NOT NULL,
    revoked_at INTEGER,
    revoke_reason TEXT,
    ip TEXT,
    user_agent TEXT,
    method TEXT NOT NULL,
    kind TEXT NOT NULL DEFAULT 'session',
    secret_hash TEXT
  ) WITHOUT ROWID`;

const COLUMNS = `
  id, kind, created_at AS createdAt, last_seen_at AS lastSeenAt, counter, rotated_at AS rotatedAt,
  idle_expires_at AS idleExpiresAt, absolute_expires_at AS absoluteExpiresAt,
  revoked_at AS revokedAt, revoke_reason AS revokeReason, ip, user_agent AS userAgent, method,
  secret_hash AS secretHash`;

type Row = Session & Record<string, SqlStorageValue>;

/** The sessions of one user, in the database of that user's object. */
export class SessionsRepo {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(CREATE_TABLE);
    ensureColumn(sql, "session", "kind", "TEXT NOT NULL DEFAULT 'session'");
    ensureColumn(sql, "session", "secret_hash", "TEXT");
  }

  find(id: string): Session | null {
    return this.#sql.exec<Row>(`SELECT ${COLUMNS} FROM session WHERE id = ?`, id).toArray()[0] ?? null;
  }

  /** Sessions that still admit their user, oldest first: ids sort by time. */
  live(now: number): Session[] {
    const select = `
      SELECT ${COLUMNS} FROM session
      WHERE revoked_at IS NULL AND idle_expires_at > ? AND absolute_expires_at > ? ORDER BY id`;
    return this.#sql.exec<Row>(select, now, now).toArray();
  }

  /** When any of the sessions, ended ones too, was seen last; null where there is none. */
  lastSeenAt(): number | null {
    const select = "SELECT max(last_seen_at) AS lastSeenAt FROM session";
    return this.#sql.exec<{ lastSeenAt: number | null }>(select).one().lastSeenAt;
  }

  insert(session: Session): void {
    this.#sql.exec(
      `INSERT INTO session (
         id, kind, created_at, last_seen_at, counter, rotated_at, idle_expires_at, absolute_expires_at,
         revoked_at, revoke_reason, ip, user_agent, method, secret_hash
       ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      session.id,
      session.kind,
      session.createdAt,
      session.lastSeenAt,
      session.counter,
      session.rotatedAt,
      session.idleExpiresAt,
      session.absoluteExpiresAt,
      session.revokedAt,
      session.revokeReason,
      session.ip,
      session.userAgent,
      session.method,
      session.secretHash,
    );
  }

  /** Gives out the next generation of the refresh token. */
  rotate(id: string, counter: number, now: number, idleExpiresAt: number): void {
    const update = "UPDATE session SET counter = ?, rotated_at = ?, last_seen_at = ?, idle_expires_at = ? WHERE id = ?";
    this.#sql.exec(update, counter, now, now, idleExpiresAt, id);
  }

  see(id: string, now: number, idleExpiresAt: number): void {
    this.#sql.exec("UPDATE session SET last_seen_at = ?, idle_expires_at = ? WHERE id = ?", now, idleExpiresAt, id);
  }

  revoke(id: string, reason: RevokeReason, now: number): void {
    this.#sql.exec("UPDATE session SET revoked_at = ?, revoke_reason = ? WHERE id = ?", now, reason, id);
  }

  /** Forgets sessions whose last possible moment has passed. */
  deleteExpired(now: number): void {
    this.#sql.exec("DELETE FROM session WHERE absolute_expires_at <= ?", now);
  }

  deleteAll(): void {
    this.#sql.exec("DELETE FROM session");
  }
}
