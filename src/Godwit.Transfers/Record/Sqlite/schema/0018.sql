-- What a schedule began and has not ended, whatever it began before.
CREATE INDEX submission_open_by_key ON submission (owner, request_key) WHERE state < 7 AND request_key IS NOT NULL;
