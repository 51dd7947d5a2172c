-- Accounts that were or are being erased. The user's own row is gone; this is what remains of it.
CREATE TABLE erasure (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL UNIQUE,
  started_at TEXT NOT NULL
) WITHOUT ROWID;

-- How far each service is.
CREATE TABLE erasure_part (
  user_id TEXT NOT NULL REFERENCES erasure (user_id),
  service TEXT NOT NULL,
  done_at TEXT,
  PRIMARY KEY (user_id, service)
) WITHOUT ROWID;
