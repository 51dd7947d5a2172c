import { ensureColumn } from "../../../../shared/object-schema.ts";

/**
 * `next` is published but signs nothing yet, `current` signs, `previous` still verifies what it signed.
 * A new key can so reach every cache before its first signature.
 */
export type KeyState = "next" | "current" | "previous";

export interface StoredKey {
  /** RFC 7638 thumbprint. */
  kid: string;
  state: KeyState;
  /** The public JWK as JSON. */
  publicJwk: string;
  /** The private JWK, sealed. Empty once the key is `previous`: it will never sign again. */
  sealedJwk: ArrayBuffer;
  /** Unix milliseconds. */
  createdAt: number;
  /** Since when it has been in its state (Unix milliseconds). */
  since: number;
}

const CREATE_TABLE = `
  CREATE TABLE IF NOT EXISTS signing_key (
    kid TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('next', 'current', 'previous')),
    public_jwk TEXT NOT NULL,
    sealed_jwk BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    since INTEGER NOT NULL DEFAULT 0
  ) WITHOUT ROWID;
  CREATE UNIQUE INDEX IF NOT EXISTS one_current_key ON signing_key (state) WHERE state = 'current';`;

const COLUMNS = "kid, state, public_jwk AS publicJwk, sealed_jwk AS sealedJwk, created_at AS createdAt, since";

/** The signing keys in the keyring's own database. */
export class KeysRepo {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(CREATE_TABLE);
    ensureColumn(sql, "signing_key", "since", "INTEGER NOT NULL DEFAULT 0");
    sql.exec("UPDATE signing_key SET since = created_at WHERE since = 0");
  }

  current(): StoredKey | null {
    return this.#read(`SELECT ${COLUMNS} FROM signing_key WHERE state = 'current'`)[0] ?? null;
  }

  /** Every key that may have signed, or will, oldest first. */
  all(): StoredKey[] {
    return this.#read(`SELECT ${COLUMNS} FROM signing_key ORDER BY created_at, kid`);
  }

  insert(key: StoredKey): void {
    const insert = `
      INSERT INTO signing_key (kid, state, public_jwk, sealed_jwk, created_at, since) VALUES (?, ?, ?, ?, ?, ?)`;
    this.#sql.exec(insert, key.kid, key.state, key.publicJwk, key.sealedJwk, key.createdAt, key.since);
  }

  /** Makes a published key the one that signs, and throws the private half of the one before away. */
  promote(kid: string, now: number): void {
    const demote = "UPDATE signing_key SET state = 'previous', since = ?, sealed_jwk = x'' WHERE state = 'current'";
    this.#sql.exec(demote, now);
    this.#sql.exec("UPDATE signing_key SET state = 'current', since = ? WHERE kid = ?", now, kid);
  }

  reseal(kid: string, sealedJwk: ArrayBuffer): void {
    this.#sql.exec("UPDATE signing_key SET sealed_jwk = ? WHERE kid = ?", sealedJwk, kid);
  }

  delete(kid: string): void {
    this.#sql.exec("DELETE FROM signing_key WHERE kid = ?", kid);
  }

  #read(select: string): StoredKey[] {
    return this.#sql.exec<StoredKey & Record<string, SqlStorageValue>>(select).toArray();
  }
}
