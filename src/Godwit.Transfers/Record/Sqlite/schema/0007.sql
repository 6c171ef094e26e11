-- What a person said of a file: it counts as delivered as it was (1), or is to be sent again (2). A delivery takes the row away.
CREATE TABLE mark (
    source_space INTEGER NOT NULL,
    destination_space INTEGER NOT NULL,
    source BLOB NOT NULL,
    destination BLOB NOT NULL,
    kind INTEGER NOT NULL,
    source_version TEXT NOT NULL,
    length INTEGER NOT NULL,
    made INTEGER NOT NULL,
    PRIMARY KEY (source_space, destination_space, source, destination)
) WITHOUT ROWID;

-- Files that were left out because a baseline counts them as delivered.
ALTER TABLE totals ADD COLUMN before_baseline INTEGER NOT NULL DEFAULT 0;
