-- What stands in for a picture while it loads. Images that were complete before have none.
ALTER TABLE image ADD COLUMN thumb_hash TEXT;
ALTER TABLE image ADD COLUMN dominant_colour TEXT;
