-- Service accounts are users without a password, so the column may be empty from now on. SQLite cannot loosen a column:
-- the table is made anew.
CREATE TABLE users_with_kind (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL DEFAULT 'person' CHECK (kind IN ('person', 'service')),
  email TEXT NOT NULL UNIQUE,
  username TEXT NOT NULL,
  username_key TEXT NOT NULL UNIQUE,
  name TEXT,
  password_hash TEXT,
  password_floor_ms INTEGER,
  role TEXT NOT NULL CHECK (role IN ('user', 'admin')),
  version INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  CHECK (kind = 'person' OR password_hash IS NULL)
) WITHOUT ROWID;

INSERT INTO users_with_kind
SELECT
  id, 'person', email, username, username_key, name, password_hash, password_floor_ms, role, version, created_at,
  updated_at
FROM users;

DROP TABLE users;
ALTER TABLE users_with_kind RENAME TO users;

CREATE INDEX users_password_floor ON users (password_floor_ms) WHERE password_floor_ms IS NOT NULL;
CREATE INDEX users_service ON users (id) WHERE kind = 'service';
