-- How long a login takes at least while this user's password is still stored as an imported hash.
ALTER TABLE users ADD COLUMN password_floor_ms INTEGER;

-- Every login asks for the largest one; without imported hashes the index is empty.
CREATE INDEX users_password_floor ON users (password_floor_ms) WHERE password_floor_ms IS NOT NULL;
