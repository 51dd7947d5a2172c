-- What happened to photos, until their owners' feeds have it. It is read in the order of the rowid: as it was written.
CREATE TABLE live_update (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL,
  data TEXT NOT NULL
);
