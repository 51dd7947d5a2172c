-- Resumable uploads that are under way, so that a user's are counted and found. Each is a Durable Object of its own.
CREATE TABLE open_upload (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX open_upload_of_user ON open_upload (user_id);
