-- What happened to transfers that were handed to a service, in the order in which it happened. A number is never given again: readers go on after it.
CREATE TABLE event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    submission INTEGER NOT NULL,
    at INTEGER NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX event_of_submission ON event (submission, id);

-- Who may ask a service. Of the secret only its SHA-256 is kept.
CREATE TABLE token (
    id TEXT PRIMARY KEY,
    hash TEXT NOT NULL,
    subject TEXT NOT NULL,
    project TEXT NOT NULL,
    roles INTEGER NOT NULL,
    made INTEGER NOT NULL,
    expires INTEGER,
    revoked INTEGER
) WITHOUT ROWID;

-- What operators set while a service runs.
CREATE TABLE service_setting (
    name TEXT PRIMARY KEY,
    text TEXT NOT NULL
) WITHOUT ROWID;
