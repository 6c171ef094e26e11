-- Empty directories that a destination without directories has no place for.
ALTER TABLE totals ADD COLUMN empty_directories INTEGER NOT NULL DEFAULT 0;
