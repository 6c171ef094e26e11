-- What is looked for among what grows for ever.
CREATE INDEX submission_by_state ON submission (state, number);
CREATE INDEX submission_receiving ON submission (number) WHERE state IS NULL;
CREATE INDEX notice_waiting_by_number ON notice (number) WHERE next_try IS NOT NULL;
