-- +goose Up
CREATE TABLE certificate_range (
    id          BYTES NOT NULL PRIMARY KEY, -- hash of the number-range statement
    participant TEXT  NOT NULL,
    digits      INT8  NOT NULL,
    first       INT8  NOT NULL,
    last        INT8  NOT NULL,
    next        INT8  NOT NULL,             -- next serial to allot
    station     TEXT  NOT NULL,
    offline     INT8  NOT NULL,
    log_within  INT8  NOT NULL,             -- seconds
    from_day    INT8  NOT NULL,
    until_day   INT8  NOT NULL,             -- inclusive
    generation  INT8  NOT NULL,             -- of the database when it was taken in
    taken_at    TEXT  NOT NULL,
    CHECK (first > 0 AND last >= first),
    CHECK (next >= first AND next <= last + 1)
) TABLE_END;

CREATE TABLE certificate_sheet (
    number      TEXT  NOT NULL PRIMARY KEY,
    range_id    BYTES NOT NULL REFERENCES certificate_range (id),
    serial      INT8  NOT NULL,
    state       TEXT  NOT NULL CHECK (state IN ('allotted', 'spent', 'spoiled', 'void')),
    preparer    TEXT  NOT NULL, -- key id of the officer who prepared
    validator   TEXT,           -- key id of the officer who issued
    reason      TEXT,           -- why spoiled or void
    entry       BYTES UNIQUE,   -- ledger entry of the certificate
    allotted_at TEXT  NOT NULL,
    spent_at    TEXT,
    UNIQUE (range_id, serial),
    CHECK (state <> 'spent' OR (entry IS NOT NULL AND validator IS NOT NULL AND validator <> preparer))
) TABLE_END;
