-- Whether what arrived was refused unless it was what the source had; and when the completion of an upload was begun.
ALTER TABLE part ADD COLUMN proved INTEGER NOT NULL DEFAULT 0;
ALTER TABLE file ADD COLUMN completing INTEGER;
