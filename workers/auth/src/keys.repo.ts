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
  /** The private JWK, sealed. */
  sealedJwk: ArrayBuffer;
  /** Unix milliseconds. */
  createdAt: number;
}

const CREATE_TABLE = `
  CREATE TABLE IF NOT EXISTS signing_key (
    kid TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('next', 'current', 'previous')),
    public_jwk TEXT NOT NULL,
    sealed_jwk BLOB NOT NULL,
    created_at INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE UNIQUE INDEX IF NOT EXISTS one_current_key ON signing_key (state) WHERE state = 'current';`;

const COLUMNS = "kid, state, public_jwk AS publicJwk, sealed_jwk AS sealedJwk, created_at AS createdAt";

/** The signing keys in the keyring's own database. */
export class KeysRepo {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(CREATE_TABLE);
  }

  current(): StoredKey | null {
    return this.#read(`SELECT ${COLUMNS} FROM signing_key WHERE state = 'current'`)[0] ?? null;
  }

  /** Every key that may have signed, or will, oldest first. */
  all(): StoredKey[] {
    return this.#read(`SELECT ${COLUMNS} FROM signing_key ORDER BY created_at, kid`);
  }

  insert(key: StoredKey): void {
    const insert = "INSERT INTO signing_key (kid, state, public_jwk, sealed_jwk, created_at) VALUES (?, ?, ?, ?, ?)";
    this.#sql.exec(insert, key.kid, key.state, key.publicJwk, key.sealedJwk, key.createdAt);
  }

  delete(kid: string): void {
    this.#sql.exec("DELETE FROM signing_key WHERE kid = ?", kid);
  }

  #read(select: string): StoredKey[] {
    return this.#sql.exec<StoredKey & Record<string, SqlStorageValue>>(select).toArray();
  }
}
