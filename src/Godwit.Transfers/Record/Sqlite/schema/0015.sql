-- What a service hands over by itself at planned times.
CREATE TABLE schedule (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    owner TEXT NOT NULL,
    project TEXT NOT NULL,
    verb TEXT NOT NULL,
    source TEXT NOT NULL,
    destination TEXT NOT NULL,
    details TEXT NOT NULL,
    made INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    cron TEXT NOT NULL,
    zone TEXT NOT NULL,
    day_window TEXT,
    skips_missed INTEGER NOT NULL,
    enabled INTEGER NOT NULL,
    -- Planned times up to here are dealt with.
    done INTEGER NOT NULL,
    last_transfer TEXT,
    UNIQUE (owner, name)
);

-- What became of each planned time that came.
CREATE TABLE schedule_run (
    schedule INTEGER NOT NULL,
    planned INTEGER NOT NULL,
    at INTEGER NOT NULL,
    became INTEGER NOT NULL,
    by_hand INTEGER NOT NULL,
    transfer TEXT,
    why TEXT,
    PRIMARY KEY (schedule, planned)
) WITHOUT ROWID;
