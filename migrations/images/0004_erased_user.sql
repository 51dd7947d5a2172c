-- Whom this service has erased: what comes late for them is not written.
CREATE TABLE erased_user (
  user_id TEXT PRIMARY KEY
) WITHOUT ROWID;
