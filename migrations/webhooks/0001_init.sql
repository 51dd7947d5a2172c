-- Events that stand in their account's log, in the form in which they may leave for other servers.
CREATE TABLE event (
  account TEXT NOT NULL,
  idx INTEGER NOT NULL,
  id TEXT NOT NULL UNIQUE,
  type TEXT NOT NULL,
  body TEXT NOT NULL,
  occurred_at TEXT NOT NULL,
  PRIMARY KEY (account, idx)
) WITHOUT ROWID;
