-- What files tell beside their picture, and what of them is cut for others. Files from before were not looked at.
ALTER TABLE file ADD COLUMN cuts TEXT;
ALTER TABLE file ADD COLUMN metadata_found TEXT;
