-- The addresses that are told. What waits for each lies in its own object.
CREATE TABLE endpoint (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL,
  url TEXT NOT NULL,
  description TEXT NOT NULL,
  events TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  disabled_reason TEXT,
  secret BLOB NOT NULL,
  previous_secret BLOB,
  previous_until INTEGER,
  version INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
) WITHOUT ROWID;

-- A user's endpoints, newest first: ids sort by time.
CREATE INDEX endpoint_by_user ON endpoint (user_id, id);

-- What each endpoint's object has reported last: the objects cannot be asked all at once.
CREATE TABLE endpoint_figures (
  endpoint_id TEXT PRIMARY KEY,
  waiting INTEGER NOT NULL,
  set_aside INTEGER NOT NULL,
  oldest_at INTEGER
) WITHOUT ROWID;

-- Events that wait for the log. One row written per event, one deleted: no second index.
CREATE TABLE outbox (
  id TEXT PRIMARY KEY,
  body TEXT NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0,
  retry_at INTEGER NOT NULL DEFAULT 0,
  set_aside TEXT
) WITHOUT ROWID;
