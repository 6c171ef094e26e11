-- What the bytes that were read from the source were held against; 0 for nothing.
ALTER TABLE receipt ADD COLUMN source_proof INTEGER NOT NULL DEFAULT 0;
