-- Files that a sync deleted at the destination, or a move at the source.
ALTER TABLE totals ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0;
