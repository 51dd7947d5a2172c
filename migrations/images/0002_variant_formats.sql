-- Each size may be stored in several formats. The type of the bytes follows from the format.
CREATE TABLE variant_by_format (
  image_id TEXT NOT NULL REFERENCES image (id),
  name TEXT NOT NULL,
  format TEXT NOT NULL CHECK (format IN ('webp', 'jpeg')),
  key TEXT NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  etag TEXT NOT NULL,
  PRIMARY KEY (image_id, name, format)
) WITHOUT ROWID;

INSERT INTO variant_by_format
SELECT image_id, name, IIF(mime_type = 'image/jpeg', 'jpeg', 'webp'), key, width, height, bytes, etag FROM variant;
DROP TABLE variant;
ALTER TABLE variant_by_format RENAME TO variant;

CREATE TABLE attempt_variant_by_format (
  job_id TEXT NOT NULL REFERENCES job (id),
  attempt_id TEXT NOT NULL,
  name TEXT NOT NULL,
  format TEXT NOT NULL CHECK (format IN ('webp', 'jpeg')),
  key TEXT NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  etag TEXT NOT NULL,
  PRIMARY KEY (job_id, attempt_id, name, format)
) WITHOUT ROWID;

INSERT INTO attempt_variant_by_format
SELECT job_id, attempt_id, name, IIF(mime_type = 'image/jpeg', 'jpeg', 'webp'), key, width, height, bytes, etag
FROM attempt_variant;
DROP TABLE attempt_variant;
ALTER TABLE attempt_variant_by_format RENAME TO attempt_variant;

-- Jobs that were open until now made the sizes of new photos, as WebP unless told otherwise.
ALTER TABLE job ADD COLUMN kind TEXT NOT NULL DEFAULT 'eager' CHECK (kind IN ('eager', 'on_demand'));
ALTER TABLE job ADD COLUMN formats TEXT NOT NULL DEFAULT '["webp"]';
