-- +goose Up
-- Papers from outside that were scanned and are being keyed: what was typed, as it was
-- typed, so that nobody types twice. Nothing here is on record yet; a row stays, with
-- what became of it.
CREATE TABLE certificate_keying (
    id         TEXT NOT NULL PRIMARY KEY,
    fields     TEXT NOT NULL, -- JSON of the form's fields
    corrects   TEXT          REFERENCES certificate_consignment (id), -- a mis-keyed paper; NULL: a new one
    recorded   TEXT          REFERENCES certificate_consignment (id), -- NULL while it waits
    dropped    TEXT,          -- why it was given up; NULL: it was not
    opened_at  TEXT NOT NULL,
    opened_by  TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    changed_by TEXT NOT NULL
) TABLE_END;
CREATE INDEX certificate_keying_waiting ON certificate_keying (opened_at) WHERE recorded IS NULL AND dropped IS NULL;

CREATE TABLE certificate_keying_scan (
    keying TEXT  NOT NULL REFERENCES certificate_keying (id),
    n      INT8  NOT NULL, -- from 1, in the order of the paper's pages
    hash   BYTES NOT NULL REFERENCES certificate_scan (hash),
    PRIMARY KEY (keying, n)
) TABLE_END;

-- The shipments that came with a paper from outside, for their list.
CREATE TABLE certificate_keyed (
    consignment TEXT NOT NULL PRIMARY KEY REFERENCES certificate_consignment (id)
) TABLE_END;
INSERT INTO certificate_keyed (consignment) SELECT DISTINCT consignment FROM certificate_scan_of WHERE of = 'certificate';

-- A transcript that takes the place of a mis-keyed one of the same office names it.
ALTER TABLE certificate_life_transcript ADD COLUMN replaces BYTES;
CREATE INDEX certificate_life_transcript_replaces ON certificate_life_transcript (replaces) WHERE replaces IS NOT NULL;
