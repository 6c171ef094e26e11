-- What is told of transfers that ended, to whom, and what became of it: once for each target of a round. A number is never given again.
CREATE TABLE notice (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    submission INTEGER NOT NULL,
    round INTEGER NOT NULL,
    state INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    why TEXT,
    target TEXT NOT NULL,
    made INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    -- NULL when it was delivered or given up.
    next_try INTEGER,
    fault TEXT,
    delivered INTEGER,
    dead INTEGER,
    UNIQUE (submission, round, target)
);
CREATE INDEX notice_waiting ON notice (target, next_try) WHERE next_try IS NOT NULL;
CREATE INDEX notice_dead ON notice (number) WHERE dead IS NOT NULL;

-- Up to which event of the journal notices were made: one row, or none where nobody is told anything.
CREATE TABLE notice_place (
    one INTEGER PRIMARY KEY,
    event INTEGER NOT NULL
);
