-- +goose Up
-- The generation of the database in which the entry was intended. What an earlier
-- one has left unsigned may have been signed in the days that a backup has lost,
-- and is never signed again.
ALTER TABLE ledger_entry ADD COLUMN generation INT8 NOT NULL DEFAULT 0;
CREATE INDEX ledger_entry_foreign ON ledger_entry (type) WHERE foreign_leaf = 1;
