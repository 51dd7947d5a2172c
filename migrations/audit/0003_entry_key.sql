-- Which API key an entry's act was done with. Rows from before stay without: their entries in the log have it.
ALTER TABLE entry ADD COLUMN key_id TEXT;
