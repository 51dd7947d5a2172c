-- Objects whose bytes are on their way: the key stands here before the first byte, until a row of `file` names it.
CREATE TABLE begun_object (
  key TEXT PRIMARY KEY,
  parts_id TEXT,
  begun_at INTEGER NOT NULL
) WITHOUT ROWID;
