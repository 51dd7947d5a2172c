-- One word for a thing: what clients call a webhook was called an endpoint here.
ALTER TABLE endpoint RENAME TO webhook;
DROP INDEX endpoint_by_user;
CREATE INDEX webhook_by_user ON webhook (user_id, id);

ALTER TABLE endpoint_figures RENAME TO webhook_figures;
ALTER TABLE webhook_figures RENAME COLUMN endpoint_id TO webhook_id;
