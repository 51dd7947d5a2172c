-- The request that a job was made for, in its log lines and its trace. Jobs made before have none.
ALTER TABLE job ADD COLUMN request_id TEXT;
ALTER TABLE job ADD COLUMN traceparent TEXT;

-- Whoever watches over the system counts the failed ones again and again; done ones, the many, are not in its way.
CREATE INDEX job_failed ON job (id) WHERE status = 'failed';
