-- +goose Up
-- How often what is typed of a paper was saved, and by whom last: of two who key the same
-- paper the second is told of the first.
ALTER TABLE certificate_keying ADD COLUMN version INT8 NOT NULL DEFAULT 1;
ALTER TABLE certificate_keying ADD COLUMN keyed_at TEXT;
ALTER TABLE certificate_keying ADD COLUMN keyed_by TEXT; -- NULL: as changed_by
