import type { Permission } from "../../../../shared/contracts/permissions.ts";
import { ensureColumn } from "../../../../shared/object-schema.ts";

/** An API key: a session of another kind. All times are Unix milliseconds. */
export interface ApiKey {
  id: string;
  name: string;
  scopes: Permission[];
  /** SHA-256 of the secret, which is kept nowhere. */
  secretHash: string;
  /** The Ed25519 key that its requests must be signed with, as base64 SPKI; null where none need be. */
  publicKey: string | null;
  createdAt: number;
  expiresAt: number;
  lastUsedAt: number | null;
}

const CREATE_TABLES = `
  CREATE TABLE IF NOT EXISTS api_key (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    public_key TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    last_used_at INTEGER,
    scopes_version INTEGER NOT NULL DEFAULT 1
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS key_nonce (
    key_id TEXT NOT NULL,
    nonce TEXT NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (key_id, nonce)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS key_nonce_until ON key_nonce (until);`;

/** Raised when a scope is divided in two. A key is of the version that it was made with, until it is brought up. */
const SCOPES_VERSION = 2;

/** Sharing was a part of images:write before it had a scope of its own: older keys keep it. */
const BRING_UP = `
  UPDATE api_key SET scopes_version = ${SCOPES_VERSION}, scopes = iif(
    EXISTS (SELECT 1 FROM json_each(scopes) WHERE value = 'images:write'),
    json_insert(scopes, '$[#]', 'images:share'), scopes)
  WHERE scopes_version < ${SCOPES_VERSION}`;

const COLUMNS = `
  id, name, scopes, secret_hash AS secretHash, public_key AS publicKey, created_at AS createdAt,
  expires_at AS expiresAt, last_used_at AS lastUsedAt`;

type Row = Omit<ApiKey, "scopes"> & { scopes: string } & Record<string, SqlStorageValue>;

/** The API keys of one user, in the database of that user's object, and the nonces of their latest signed requests. */
export class ApiKeysRepo {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(CREATE_TABLES);
    ensureColumn(sql, "api_key", "scopes_version", "INTEGER NOT NULL DEFAULT 1");
    sql.exec(BRING_UP);
  }

  find(id: string): ApiKey | null {
    return this.#read("WHERE id = ?", id)[0] ?? null;
  }

  /** Those that have run out among them, newest first: ids sort by time. */
  list(): ApiKey[] {
    return this.#read("ORDER BY id DESC");
  }

  insert(key: ApiKey): void {
    this.#sql.exec(
      `INSERT INTO api_key (id, name, scopes, secret_hash, public_key, created_at, expires_at, scopes_version)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      key.id,
      key.name,
      JSON.stringify(key.scopes),
      key.secretHash,
      key.publicKey,
      key.createdAt,
      key.expiresAt,
      SCOPES_VERSION,
    );
  }

  see(id: string, now: number): void {
    this.#sql.exec("UPDATE api_key SET last_used_at = ? WHERE id = ?", now, id);
  }

  delete(id: string): void {
    this.#sql.exec("DELETE FROM api_key WHERE id = ?", id);
  }

  deleteExpiredBefore(time: number): void {
    this.#sql.exec("DELETE FROM api_key WHERE expires_at <= ?", time);
  }

  deleteAll(): void {
    this.#sql.exec("DELETE FROM api_key; DELETE FROM key_nonce;");
  }

  /** Notes a nonce until it may be forgotten. @returns false when it is known already. */
  insertNonce(keyId: string, nonce: string, until: number): boolean {
    const insert = "INSERT OR IGNORE INTO key_nonce (key_id, nonce, until) VALUES (?, ?, ?) RETURNING nonce";
    return this.#sql.exec(insert, keyId, nonce, until).toArray().length > 0;
  }

  deleteNonces(now: number): void {
    this.#sql.exec("DELETE FROM key_nonce WHERE until <= ?", now);
  }

  #read(condition: string, ...values: string[]): ApiKey[] {
    const rows = this.#sql.exec<Row>(`SELECT ${COLUMNS} FROM api_key ${condition}`, ...values).toArray();
    return rows.map((row) => ({ ...row, scopes: JSON.parse(row.scopes) }));
  }
}
