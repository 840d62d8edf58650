-- +goose Up
-- What an assertion was given for, so that an audit can hold it against what was signed.
ALTER TABLE party_assertion ADD COLUMN record TEXT NOT NULL DEFAULT ''; -- what the act was done to, e.g. a consignment
ALTER TABLE party_assertion ADD COLUMN text BYTES; -- its SHA-256 is the digest; NULL: the digest is of bytes that the log has, or the row is older
