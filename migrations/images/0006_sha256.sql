-- What the bytes of a file are. Files stored before have none.
ALTER TABLE file ADD COLUMN sha256 TEXT;

-- Which of a user's files have the same bytes, and so may have one object between them.
CREATE INDEX file_by_content ON file (user_id, sha256) WHERE sha256 IS NOT NULL;
