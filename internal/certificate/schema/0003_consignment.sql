-- +goose Up
-- A consignment and its file (package consignment). A step is never changed or
-- removed; each holds the hash of the one before.
CREATE TABLE certificate_consignment (
    id          TEXT  NOT NULL PRIMARY KEY, -- e.g. CF-bangui-2026-000017
    state       TEXT  NOT NULL,
    number      TEXT,                       -- of the certificate, once a sheet is allotted or the paper is here
    statement   BYTES,                      -- hash of the certificate's signed bytes
    counterpart TEXT  NOT NULL,             -- the Participant at the other end
    kind        INT8  NOT NULL,             -- of certificate, as statement.Kind
    steps       INT8  NOT NULL,             -- how many the file has
    head        BYTES NOT NULL,             -- hash of the last one
    due         TEXT,                       -- when the clock or an officer has to look at it
    opened_at   TEXT  NOT NULL,
    moved_at    TEXT  NOT NULL,
    CHECK (steps > 0)
) TABLE_END;
CREATE INDEX certificate_consignment_state ON certificate_consignment (state, moved_at);
CREATE INDEX certificate_consignment_number ON certificate_consignment (number);
CREATE INDEX certificate_consignment_due ON certificate_consignment (due);

CREATE TABLE certificate_step (
    consignment TEXT  NOT NULL REFERENCES certificate_consignment (id),
    seq         INT8  NOT NULL,
    act         TEXT  NOT NULL,
    role        TEXT  NOT NULL,
    actor       TEXT  NOT NULL, -- key id of an officer, name of an account, or the statement heard
    at          TEXT  NOT NULL,
    from_state  TEXT  NOT NULL,
    to_state    TEXT  NOT NULL,
    detail      BYTES NOT NULL, -- particulars, JSON
    prev        BYTES NOT NULL,
    hash        BYTES NOT NULL UNIQUE,
    PRIMARY KEY (consignment, seq),
    CHECK (seq > 0)
) TABLE_END;
