-- Paths are blobs: SQLite compares them as memcmp does, which is the order of StorePath. Times are nanoseconds since 1970.
-- A row that is found by its own key is kept in that key's tree (WITHOUT ROWID): one tree to write instead of two.

-- Names of places, such as file://host, are long and few.
CREATE TABLE space (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

-- One number for each transfer: rows that belong to it carry 1 to 4 bytes, not its id of 26.
CREATE TABLE transfer (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    verb TEXT NOT NULL,
    source TEXT NOT NULL,
    destination TEXT NOT NULL,
    destination_space INTEGER NOT NULL REFERENCES space,
    destination_path BLOB NOT NULL,
    started INTEGER NOT NULL,
    ended INTEGER,
    outcome INTEGER
);

-- History is listed newest first.
CREATE INDEX transfer_by_start ON transfer (started);

CREATE TABLE totals (
    transfer INTEGER PRIMARY KEY REFERENCES transfer,
    planned INTEGER NOT NULL,
    planned_bytes INTEGER NOT NULL,
    delivered INTEGER NOT NULL,
    delivered_bytes INTEGER NOT NULL,
    sent_bytes INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    failed_retryable INTEGER NOT NULL,
    not_attempted INTEGER NOT NULL,
    unchanged INTEGER NOT NULL,
    skipped_links INTEGER NOT NULL,
    skipped_special INTEGER NOT NULL,
    filtered INTEGER NOT NULL,
    unsettled INTEGER NOT NULL,
    directories INTEGER NOT NULL,
    retries INTEGER NOT NULL
);

-- One row for each run that is alive or died without a word: so few that overlaps are looked for row by row, without an index.
CREATE TABLE claim (
    transfer INTEGER PRIMARY KEY REFERENCES transfer,
    holder TEXT NOT NULL,
    renewed INTEGER NOT NULL,
    patience INTEGER NOT NULL
);

-- From here on rows come by the hundred thousand: the numbers of their spaces and transfers were looked up in the same transaction, and
-- asking SQLite to look them up again for each row only costs time.

-- The last number given to a file. SQLite would give the number of a deleted file again, and a late part would go to the wrong one.
CREATE TABLE file_number (last INTEGER NOT NULL);
INSERT INTO file_number VALUES (0);

-- Files under way. By number while they move; by destination when another run looks for what is left over.
CREATE TABLE file (
    number INTEGER PRIMARY KEY,
    transfer INTEGER NOT NULL,
    source_space INTEGER NOT NULL,
    source BLOB NOT NULL,
    source_version TEXT NOT NULL,
    destination_space INTEGER NOT NULL,
    destination BLOB NOT NULL,
    length INTEGER NOT NULL,
    tag TEXT NOT NULL,
    upload TEXT,
    part_size INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX file_by_destination ON file (destination_space, destination);

CREATE TABLE part (
    file INTEGER NOT NULL REFERENCES file ON DELETE CASCADE,
    number INTEGER NOT NULL,
    start INTEGER NOT NULL,
    length INTEGER NOT NULL,
    checksum TEXT NOT NULL,
    token TEXT,
    PRIMARY KEY (file, number)
) WITHOUT ROWID;

-- Evidence, kept for ever: a transfer's receipts lie together, in the order in which they are listed.
CREATE TABLE receipt (
    transfer INTEGER NOT NULL,
    destination BLOB NOT NULL,
    destination_space INTEGER NOT NULL,
    source_space INTEGER NOT NULL,
    source BLOB NOT NULL,
    source_version TEXT NOT NULL,
    length INTEGER NOT NULL,
    tag TEXT NOT NULL,
    file INTEGER NOT NULL,
    destination_version TEXT,
    checksums TEXT NOT NULL,
    verdict INTEGER NOT NULL,
    route TEXT NOT NULL,
    sent_bytes INTEGER NOT NULL,
    delivered INTEGER NOT NULL,
    PRIMARY KEY (transfer, destination)
) WITHOUT ROWID;

-- Which transfer made the newest receipt of a pair; read in order of the source while a source is listed.
CREATE TABLE newest (
    source_space INTEGER NOT NULL,
    destination_space INTEGER NOT NULL,
    source BLOB NOT NULL,
    destination BLOB NOT NULL,
    transfer INTEGER NOT NULL,
    PRIMARY KEY (source_space, destination_space, source, destination)
) WITHOUT ROWID;

-- What was delivered over a file of another source replaces that one's row: its content is not there any more.
CREATE UNIQUE INDEX newest_by_destination ON newest (destination_space, destination);

CREATE TABLE attempt (
    transfer INTEGER NOT NULL,
    destination BLOB NOT NULL,
    source BLOB NOT NULL,
    number INTEGER NOT NULL,
    file INTEGER NOT NULL,
    kind TEXT NOT NULL,
    side INTEGER NOT NULL,
    message TEXT NOT NULL,
    may_pass INTEGER NOT NULL,
    final INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    PRIMARY KEY (transfer, destination, source, number)
) WITHOUT ROWID;
