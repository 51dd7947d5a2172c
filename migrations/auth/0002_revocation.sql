-- Sessions and keys that were ended before their tokens ran out, in the order in which they were published.
CREATE TABLE revocation (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  session_id TEXT NOT NULL UNIQUE,
  until INTEGER NOT NULL
);

-- Rows are deleted once no token of theirs can be alive.
CREATE INDEX revocation_until ON revocation (until);
