-- +goose Up
-- Numbers that this database did not spend and that are spent in its log: those
-- of the days that a restored backup has lost. They are never allotted again.
CREATE TABLE certificate_elsewhere (
    number    TEXT  NOT NULL PRIMARY KEY,
    statement BYTES NOT NULL, -- hash of the certificate
    found_at  TEXT  NOT NULL
) TABLE_END;
