-- +goose Up
-- Certificates of others as they were handed in on arrival (package importing).
-- What they disclose is in the ledger's vault.
CREATE TABLE certificate_paper (
    statement BYTES NOT NULL PRIMARY KEY, -- hash of the signed bytes
    number    TEXT  NOT NULL,
    signed    BYTES NOT NULL,
    proof     TEXT  NOT NULL,             -- of its record; empty when none was handed in
    taken_at  TEXT  NOT NULL
) TABLE_END;
