-- +goose Up
-- Addresses of programs that are told what happens (package web/hook). The secret of one
-- is not here: it is made from its id by a key that lies in the node's folder.
CREATE TABLE web_hook (
    id      TEXT NOT NULL PRIMARY KEY,
    url     TEXT NOT NULL,
    name    TEXT NOT NULL, -- of the system behind it
    events  TEXT NOT NULL, -- JSON
    made    TEXT NOT NULL,
    ended   TEXT
) TABLE_END;

CREATE TABLE web_hook_delivery (
    hook      TEXT  NOT NULL REFERENCES web_hook (id),
    seq       INT8  NOT NULL, -- in order of making
    id        TEXT  NOT NULL, -- the same for every try, by which a program knows one again
    event     TEXT  NOT NULL,
    body      BYTES NOT NULL,
    made      TEXT  NOT NULL,
    state     TEXT  NOT NULL CHECK (state IN ('due', 'delivered', 'given_up')),
    tries     INT8  NOT NULL,
    next      TEXT  NOT NULL, -- try, while it is due
    last      TEXT,           -- try
    status    INT8  NOT NULL, -- of the last answer; 0 for none
    error     TEXT  NOT NULL, -- of the last try, technical and in English; empty for none
    PRIMARY KEY (hook, seq)
) TABLE_END;
CREATE INDEX web_hook_delivery_due ON web_hook_delivery (state, hook, seq);
