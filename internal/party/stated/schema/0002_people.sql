-- +goose Up
CREATE TABLE party_person (
    id           TEXT  NOT NULL PRIMARY KEY,
    login        TEXT  NOT NULL CONSTRAINT party_person_login UNIQUE, -- folded
    name         TEXT  NOT NULL,
    language     TEXT  NOT NULL,
    holder       TEXT  NOT NULL, -- of the licence he acts for; empty for officers
    licence      TEXT  NOT NULL,
    grants       TEXT  NOT NULL, -- JSON
    signing_keys TEXT  NOT NULL, -- JSON
    state        TEXT  NOT NULL CONSTRAINT party_person_state CHECK (state IN ('invited', 'active', 'suspended', 'ended')),
    made         TEXT  NOT NULL,
    changed      TEXT  NOT NULL,
    password     TEXT  NOT NULL, -- argon2id in PHC form; empty: none
    code_secret  BYTES,          -- sealed, of an app that shows codes
    code_step    INT8  NOT NULL, -- of the last code taken: none before it, and not that one, is taken again
    code_pending BYTES           -- sealed, shown and not yet confirmed
) TABLE_END;

CREATE TABLE party_code (
    person TEXT  NOT NULL REFERENCES party_person (id),
    hash   BYTES NOT NULL, -- SHA-256 of a code of the printed list
    PRIMARY KEY (person, hash)
) TABLE_END;

CREATE TABLE party_passkey (
    credential BYTES NOT NULL PRIMARY KEY,
    person     TEXT  NOT NULL REFERENCES party_person (id),
    name       TEXT  NOT NULL,
    record     TEXT  NOT NULL, -- JSON: the credential record of WebAuthn, counter and all
    made       TEXT  NOT NULL,
    used       TEXT,
    halted     TEXT            -- since a copy of it was seen
) TABLE_END;
CREATE INDEX party_passkey_person ON party_passkey (person);

CREATE TABLE party_session (
    id      TEXT  NOT NULL PRIMARY KEY,
    person  TEXT  NOT NULL REFERENCES party_person (id),
    token   BYTES NOT NULL CONSTRAINT party_session_token UNIQUE, -- SHA-256 of the cookie's
    made    TEXT  NOT NULL,
    seen    TEXT  NOT NULL,
    proven  TEXT  NOT NULL,
    address TEXT  NOT NULL,
    browser TEXT  NOT NULL,
    way     TEXT  NOT NULL
) TABLE_END;
CREATE INDEX party_session_person ON party_session (person);
CREATE INDEX party_session_made ON party_session (made);

CREATE TABLE party_invitation (
    id      TEXT  NOT NULL PRIMARY KEY,
    person  TEXT  NOT NULL REFERENCES party_person (id),
    kind    TEXT  NOT NULL CONSTRAINT party_invitation_kind CHECK (kind IN ('invitation', 'recovery')),
    token   BYTES NOT NULL CONSTRAINT party_invitation_token UNIQUE, -- SHA-256 of the link's
    made    TEXT  NOT NULL,
    made_by TEXT  NOT NULL, -- empty: at the server
    expires TEXT  NOT NULL
) TABLE_END; -- a row goes when it is used, withdrawn or replaced: the trail tells what became of it
CREATE INDEX party_invitation_person ON party_invitation (person);

CREATE TABLE party_recovery (
    id       TEXT NOT NULL PRIMARY KEY,
    person   TEXT NOT NULL CONSTRAINT party_recovery_person UNIQUE REFERENCES party_person (id), -- one request each
    asked    TEXT NOT NULL,
    address  TEXT NOT NULL,
    first_by TEXT NOT NULL, -- who approved; empty: nobody yet
    first_at TEXT,
    expires  TEXT NOT NULL
) TABLE_END;

CREATE TABLE party_attempt (
    id           TEXT  NOT NULL PRIMARY KEY,
    login        BYTES NOT NULL, -- SHA-256 of what was typed, which may be a password in the wrong field
    at           TEXT  NOT NULL,
    locked_until TEXT            -- NULL: a failure that counts
) TABLE_END;
CREATE INDEX party_attempt_login ON party_attempt (login, at);
CREATE INDEX party_attempt_at ON party_attempt (at);

CREATE TABLE party_assertion (
    id                 TEXT  NOT NULL PRIMARY KEY,
    person             TEXT  NOT NULL REFERENCES party_person (id),
    credential         BYTES NOT NULL,
    digest             BYTES NOT NULL, -- the challenge
    purpose            TEXT  NOT NULL,
    authenticator_data BYTES NOT NULL,
    client_data        BYTES NOT NULL,
    signature          BYTES NOT NULL,
    key                BYTES NOT NULL, -- COSE_Key, as it was when it signed
    at                 TEXT  NOT NULL
) TABLE_END;
CREATE INDEX party_assertion_digest ON party_assertion (digest);
CREATE INDEX party_assertion_person ON party_assertion (person, at);

CREATE TABLE party_trail (
    n       INT8 NOT NULL PRIMARY KEY, -- from 1, without a gap
    at      TEXT NOT NULL,
    who     TEXT NOT NULL, -- a person's id; empty: nobody signed in
    act     TEXT NOT NULL,
    about   TEXT NOT NULL, -- a person's id; empty: nobody
    args    TEXT NOT NULL, -- JSON
    address TEXT NOT NULL,
    hash    TEXT NOT NULL  -- over this row and the hash of the row before
) TABLE_END;
CREATE INDEX party_trail_about ON party_trail (about, n);
CREATE INDEX party_trail_who ON party_trail (who, n);

CREATE TABLE party_trail_head (
    one  INT8 NOT NULL PRIMARY KEY CONSTRAINT party_trail_head_one CHECK (one = 1),
    n    INT8 NOT NULL,
    hash TEXT NOT NULL
) TABLE_END;
