-- Where what a file replaced is kept, within the destination's space; null for nothing.
ALTER TABLE receipt ADD COLUMN backup BLOB;

-- Files that were put aside before they were replaced or deleted.
ALTER TABLE totals ADD COLUMN backed_up INTEGER NOT NULL DEFAULT 0;
