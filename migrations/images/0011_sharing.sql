-- Who may read a file's bytes without a link: its owner, or everybody.
ALTER TABLE file ADD COLUMN visibility TEXT NOT NULL DEFAULT 'private' CHECK (visibility IN ('private', 'public'));

-- A link that can be taken back. Only the hash of its token is kept.
CREATE TABLE share (
  id TEXT PRIMARY KEY,
  file_id TEXT NOT NULL REFERENCES file (id) ON DELETE CASCADE,
  size TEXT NOT NULL,
  token_hash TEXT NOT NULL UNIQUE,
  created_at TEXT NOT NULL,
  expires_at TEXT,
  max_uses INTEGER,
  uses INTEGER NOT NULL DEFAULT 0,
  last_used_at TEXT
) WITHOUT ROWID;

CREATE INDEX share_by_file ON share (file_id, id);
