-- +goose Up
-- An answer that is a file (a printed certificate) is kept as it was given, in the
-- transaction of the act: made anew it could be another, of which nothing is recorded.
ALTER TABLE web_answer ADD COLUMN media TEXT NOT NULL DEFAULT '';
ALTER TABLE web_answer ADD COLUMN name TEXT NOT NULL DEFAULT '';
