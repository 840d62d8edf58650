-- +goose Up
-- Why the last try failed, as a program is told it: the text beside it may name what lies
-- inside a network.
ALTER TABLE web_hook_delivery ADD COLUMN failure TEXT NOT NULL DEFAULT '';
