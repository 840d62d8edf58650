-- +goose Up
-- Checkpoints of followed logs as they were published, thinned out with age (package
-- follow, Thin): a pack takes from here what shows when an entry was recorded. Those
-- of the home log stand in ledger_checkpoint, which proofs lead to and nothing thins.
CREATE TABLE ledger_seen (
    origin TEXT NOT NULL,
    size   INT8 NOT NULL,
    root   BYTES NOT NULL,
    text   TEXT NOT NULL,
    time   TEXT NOT NULL, -- oldest time of the quorum
    PRIMARY KEY (origin, size)
) TABLE_END;
