-- When it was found that the bytes of a file are gone; null for as good as all.
ALTER TABLE file ADD COLUMN lost_at TEXT;

-- The check walks the bucket in the order of its keys, and asks for each page which rows name an object in it.
CREATE INDEX file_by_key ON file (key);
CREATE INDEX variant_by_key ON variant (key);
