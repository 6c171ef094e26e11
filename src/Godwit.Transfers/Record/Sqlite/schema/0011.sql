-- Transfers that were handed to a service. Each has one run or more, which are rows of "transfer".

CREATE TABLE submission (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    project TEXT NOT NULL,
    verb TEXT NOT NULL,
    source TEXT NOT NULL,
    destination TEXT NOT NULL,
    details TEXT NOT NULL,
    made INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    request_key TEXT,
    request_hash TEXT,
    -- NULL while its files are still received.
    state INTEGER,
    round INTEGER NOT NULL,
    files INTEGER NOT NULL,
    why TEXT,
    paused INTEGER,
    paused_by TEXT,
    pause_message TEXT,
    cancel_asked INTEGER
);
CREATE UNIQUE INDEX submission_by_key ON submission (owner, request_key) WHERE request_key IS NOT NULL;

-- The queue reads what waits, in the order in which it came, and never what has ended.
CREATE INDEX submission_open ON submission (number) WHERE state < 7;
CREATE INDEX submission_of_owner ON submission (owner, number);
CREATE INDEX submission_of_project ON submission (project, number);

-- When each state was entered: once in each round, which this key sees to.
CREATE TABLE submission_step (
    submission INTEGER NOT NULL,
    round INTEGER NOT NULL,
    state INTEGER NOT NULL,
    entered INTEGER NOT NULL,
    PRIMARY KEY (submission, round, state)
) WITHOUT ROWID;

-- Which runs carried it out.
CREATE TABLE submission_run (
    submission INTEGER NOT NULL,
    round INTEGER NOT NULL,
    run TEXT NOT NULL UNIQUE,
    PRIMARY KEY (submission, round, run)
) WITHOUT ROWID;

-- The files that it names, in the order in which a plan reads them.
CREATE TABLE submission_file (
    submission INTEGER NOT NULL,
    source BLOB NOT NULL,
    destination BLOB NOT NULL,
    checksum TEXT,
    PRIMARY KEY (submission, source, destination)
) WITHOUT ROWID;
CREATE UNIQUE INDEX submission_file_by_destination ON submission_file (submission, destination);
