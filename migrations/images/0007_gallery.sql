-- What lists of photos are sorted by beside their time. The bytes of an original never change.
ALTER TABLE image ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
UPDATE image SET bytes = (SELECT bytes FROM file WHERE file.id = image.id);

-- A page of a list is picked within one index, with the status and the name to search in; only its rows are then read.
DROP INDEX image_by_user;
CREATE INDEX image_by_user ON image (user_id, id, original_name);
CREATE INDEX image_by_status ON image (user_id, status, id, original_name);
CREATE INDEX image_by_name ON image (user_id, original_name COLLATE NOCASE, id, status, original_name);
CREATE INDEX image_by_bytes ON image (user_id, bytes, id, status, original_name);
