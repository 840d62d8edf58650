-- +goose Up
-- Access keys of the office's own systems (package accesskey). A key itself is shown once
-- and is nowhere here: of it the SHA-256.
CREATE TABLE party_access_key (
    id         TEXT  NOT NULL PRIMARY KEY, -- the part of the key that finds it
    hash       BYTES NOT NULL,
    name       TEXT  NOT NULL,
    grants     TEXT  NOT NULL, -- JSON
    narrow     TEXT  NOT NULL, -- permissions that it is held to, JSON; [] for all of its roles
    holder     TEXT  NOT NULL, -- of the licence for which it acts; empty for the office's own
    licence    TEXT  NOT NULL,
    sandbox    INT8  NOT NULL,
    per_minute INT8  NOT NULL, -- requests; 0 for the usual
    until      TEXT  NOT NULL, -- exclusive
    made       TEXT  NOT NULL,
    made_by    TEXT  NOT NULL, -- empty: at the server
    used       TEXT,           -- to the minute
    ended      TEXT,
    ended_by   TEXT
) TABLE_END;
