-- +goose Up
-- An address that a program has named itself, with its access key: it is that program's
-- alone, and ends with the key at the latest.
ALTER TABLE web_hook ADD COLUMN program TEXT NOT NULL DEFAULT '';
ALTER TABLE web_hook ADD COLUMN until TEXT;
CREATE INDEX web_hook_program ON web_hook (program);
