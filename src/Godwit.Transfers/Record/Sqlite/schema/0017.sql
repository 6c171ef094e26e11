-- Who was asked to make transfers ready, and what became of it: once for each stage of a round. Of a code only its SHA-256 is kept.
CREATE TABLE call_out (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    submission INTEGER NOT NULL,
    round INTEGER NOT NULL,
    stage INTEGER NOT NULL,
    asked_of TEXT NOT NULL,
    made INTEGER NOT NULL,
    deadline INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    code_hash TEXT,
    acknowledged INTEGER,
    fault TEXT,
    answered INTEGER,
    success INTEGER,
    message TEXT,
    source TEXT,
    endpoint TEXT,
    -- When he is told that it is needed no more: NULL while the round goes on, and when he was told or it was given up.
    release_next INTEGER,
    released INTEGER,
    release_fault TEXT,
    UNIQUE (submission, round, stage)
);
CREATE INDEX call_out_to_release ON call_out (release_next, number) WHERE release_next IS NOT NULL;

-- Since when a transfer waits that was paused: NULL where it was not, in its present state.
ALTER TABLE submission ADD COLUMN waiting_since INTEGER;

-- Whose transfer an event is of, as its submission has it, so that whoever may read his own events only reads no others on the way.
ALTER TABLE event ADD COLUMN owner TEXT NOT NULL DEFAULT '';
ALTER TABLE event ADD COLUMN project TEXT NOT NULL DEFAULT '';
UPDATE event SET (owner, project) = (SELECT s.owner, s.project FROM submission s WHERE s.number = event.submission)
    WHERE EXISTS (SELECT 1 FROM submission s WHERE s.number = event.submission);
CREATE INDEX event_of_owner ON event (owner, id);
CREATE INDEX event_of_project ON event (project, id);

-- Planned times up to here are not written down any more: NULL where all of them are. None of them fires again.
ALTER TABLE schedule ADD COLUMN forgotten INTEGER;
CREATE INDEX schedule_run_by_time ON schedule_run (at);
