-- +goose Up
-- Specimens that the office keeps (KPCS II(d)): what papers of a Participant look like,
-- as they came from the Chair, from the Participant or from its authority's statement.
-- Nothing is changed or removed: what is replaced or withdrawn gets an end, with who and
-- why. Pictures are here and in no file beside the database, so that one snapshot is the
-- whole backup; content is as it came, clean is what is shown.
CREATE TABLE party_kept (
    id          TEXT  NOT NULL PRIMARY KEY,
    participant TEXT  NOT NULL,
    kind        TEXT  NOT NULL CONSTRAINT party_kept_kind CHECK (kind IN ('certificate', 'technical', 'coupon', 'signature')),
    name        TEXT  NOT NULL, -- of the print: "2019 series"
    from_day    INT8  NOT NULL,
    until_day   INT8  NOT NULL, -- inclusive; of period.Max while in use
    features    TEXT  NOT NULL, -- what to look for, one a line
    source      TEXT  NOT NULL, -- from where it came
    restricted  INT8  NOT NULL, -- shown to authorities only
    entered_at  TEXT  NOT NULL,
    entered_by  TEXT  NOT NULL,
    replaces    TEXT            REFERENCES party_kept (id),
    ended_at    TEXT,           -- NULL while it counts
    ended_by    TEXT,
    ended_why   TEXT,
    CHECK ((ended_at IS NULL) = (ended_by IS NULL) AND (ended_at IS NULL) = (ended_why IS NULL))
) TABLE_END;
CREATE INDEX party_kept_participant ON party_kept (participant, from_day);

CREATE TABLE party_kept_picture (
    kept    TEXT  NOT NULL REFERENCES party_kept (id),
    n       INT8  NOT NULL, -- from 1
    hash    BYTES NOT NULL, -- SHA-256 of content
    media   TEXT  NOT NULL,
    size    INT8  NOT NULL,
    content BYTES NOT NULL,
    PRIMARY KEY (kept, n)
) TABLE_END;
