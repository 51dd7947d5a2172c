-- What clients have sent as Idempotency-Key, and what they were answered. An answer is written in the batch of the rows
-- that it tells of.
CREATE TABLE idempotency_key (
  user_id TEXT NOT NULL,
  route TEXT NOT NULL,
  key TEXT NOT NULL,
  fingerprint TEXT,
  claim TEXT NOT NULL,
  lease_until INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  status INTEGER,
  headers TEXT,
  body TEXT,
  PRIMARY KEY (user_id, route, key)
) WITHOUT ROWID;

-- Each claim removes some that have run out.
CREATE INDEX idempotency_key_by_end ON idempotency_key (expires_at);
