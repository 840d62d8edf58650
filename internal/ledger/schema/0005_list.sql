-- +goose Up
-- The register as people read it: newest first, by kind and by who states it.
CREATE INDEX ledger_entry_kind ON ledger_entry (type, issuer, seq) WHERE seq IS NOT NULL;
