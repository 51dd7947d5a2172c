-- What somebody did in other people's logs, such as an admin. Nearly all entries are their own and not in this index.
CREATE INDEX entry_by_stranger ON entry (user_id, account, idx) WHERE user_id <> account;
