-- The logs' entries as rows, to be listed and filtered. The log objects hold the truth; these rows may come later.
-- Every key begins with the account, so a list costs its page, however many rows other accounts have.
CREATE TABLE entry (
  account TEXT NOT NULL,
  idx INTEGER NOT NULL,
  id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  action TEXT NOT NULL,
  type TEXT NOT NULL,
  resource TEXT NOT NULL,
  ip TEXT,
  user_agent TEXT,
  metadata TEXT NOT NULL,
  occurred_at TEXT NOT NULL,
  request_id TEXT,
  PRIMARY KEY (account, idx)
) WITHOUT ROWID;

CREATE INDEX entry_by_action ON entry (account, action, idx);
CREATE INDEX entry_by_resource ON entry (account, resource, idx);
