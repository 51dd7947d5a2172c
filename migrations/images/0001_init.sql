-- Everything that was uploaded. A photo also has a row in image, under the same id.
CREATE TABLE file (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL,
  name TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  mime_type TEXT NOT NULL,
  key TEXT NOT NULL,
  etag TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at TEXT NOT NULL
) WITHOUT ROWID;

-- A user's files, newest first: ids sort by time.
CREATE INDEX file_by_user ON file (user_id, id);

CREATE TABLE image (
  id TEXT PRIMARY KEY REFERENCES file (id),
  user_id TEXT NOT NULL,
  original_name TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('pending', 'processing', 'complete', 'failed')),
  generation INTEGER NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  uploaded_at TEXT NOT NULL,
  processed_at TEXT,
  error_code TEXT,
  error_detail TEXT
) WITHOUT ROWID;

CREATE INDEX image_by_user ON image (user_id, id);

CREATE TABLE variant (
  image_id TEXT NOT NULL REFERENCES image (id),
  name TEXT NOT NULL,
  key TEXT NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  mime_type TEXT NOT NULL,
  etag TEXT NOT NULL,
  PRIMARY KEY (image_id, name)
) WITHOUT ROWID;

CREATE TABLE job (
  id TEXT PRIMARY KEY,
  image_id TEXT NOT NULL REFERENCES image (id),
  generation INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('pending', 'processing', 'complete', 'failed')),
  attempts INTEGER NOT NULL DEFAULT 0,
  attempt_id TEXT,
  lease_until INTEGER NOT NULL DEFAULT 0,
  not_before INTEGER NOT NULL DEFAULT 0,
  error_code TEXT,
  error_detail TEXT,
  created_at TEXT NOT NULL,
  finished_at TEXT
) WITHOUT ROWID;

CREATE INDEX job_by_image ON job (image_id);

-- The relay asks for open jobs again and again; done ones, the many, are not in its way.
CREATE INDEX job_open ON job (id) WHERE status IN ('pending', 'processing');

-- What an attempt has stored so far; becomes the image's variants when the attempt completes.
CREATE TABLE attempt_variant (
  job_id TEXT NOT NULL REFERENCES job (id),
  attempt_id TEXT NOT NULL,
  name TEXT NOT NULL,
  key TEXT NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  mime_type TEXT NOT NULL,
  etag TEXT NOT NULL,
  PRIMARY KEY (job_id, attempt_id, name)
) WITHOUT ROWID;

-- Objects that no row names any more, until they are really deleted.
CREATE TABLE trash (
  key TEXT PRIMARY KEY
) WITHOUT ROWID;

-- Events that wait for the log. One row written per event, one deleted: no second index.
CREATE TABLE outbox (
  id TEXT PRIMARY KEY,
  body TEXT NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0,
  retry_at INTEGER NOT NULL DEFAULT 0,
  set_aside TEXT
) WITHOUT ROWID;
