-- +goose Up
-- Goods that are to come back (temporary export, laboratory), by the certificate
-- under which they left.
CREATE TABLE certificate_outward (
    number      TEXT NOT NULL PRIMARY KEY,
    consignment TEXT NOT NULL REFERENCES certificate_consignment (id),
    return_by   INT8 NOT NULL, -- day
    out         INT8 NOT NULL, -- hundredths of a carat
    back        INT8 NOT NULL,
    last_by     TEXT,          -- number of the certificate under which the last part came back
    CHECK (out > 0 AND back >= 0)
) TABLE_END;

-- What the office has heard of its own certificates, and what it made of it. No
-- view: a statement is acted on once.
CREATE TABLE certificate_heard (
    statement   BYTES NOT NULL PRIMARY KEY, -- hash of the other side's statement
    number      TEXT  NOT NULL,
    issuer      TEXT  NOT NULL,
    type        INT8  NOT NULL,
    consignment TEXT,                       -- NULL for a number that has none
    outcome     TEXT  NOT NULL CHECK (outcome IN ('moved', 'noted')),
    why         TEXT  NOT NULL,             -- of a note
    heard_at    TEXT  NOT NULL
) TABLE_END;
CREATE INDEX certificate_heard_number ON certificate_heard (number);

-- The follower certificate.life: every certificate in every log that is followed,
-- and what is said of it.
CREATE TABLE certificate_life (
    statement   BYTES NOT NULL,
    origin      TEXT  NOT NULL, -- of the log
    number      TEXT  NOT NULL,
    participant TEXT  NOT NULL,
    issuer      TEXT  NOT NULL,
    kind        INT8  NOT NULL,
    destination TEXT  NOT NULL,
    issued      INT8  NOT NULL, -- day
    expires     INT8  NOT NULL, -- day
    stated_at   INT8  NOT NULL, -- seconds, as its issuer says
    synthetic   INT8  NOT NULL,
    good        INT8  NOT NULL, -- 1: an entitled office has signed it, -1: not, 0: not judged yet
    why         TEXT,
    PRIMARY KEY (statement, origin)
) TABLE_END;
CREATE INDEX certificate_life_number ON certificate_life (number);
CREATE INDEX certificate_life_pair ON certificate_life (participant, destination, issued);
CREATE INDEX certificate_life_newest ON certificate_life (stated_at);

CREATE TABLE certificate_life_event (
    statement   BYTES NOT NULL,
    origin      TEXT  NOT NULL,
    type        INT8  NOT NULL,
    step        INT8  NOT NULL, -- of a disposition; 0
    number      TEXT  NOT NULL,
    certificate BYTES NOT NULL, -- the content that it is about
    participant TEXT  NOT NULL,
    issuer      TEXT  NOT NULL,
    day         INT8  NOT NULL,
    hundredths  INT8  NOT NULL, -- of a receipt
    parcels     INT8  NOT NULL,
    other       TEXT  NOT NULL, -- number of the certificate that replaces it, or under which it returns
    reason      TEXT  NOT NULL,
    stated_at   INT8  NOT NULL,
    good        INT8  NOT NULL,
    why         TEXT,
    PRIMARY KEY (statement, origin)
) TABLE_END;
CREATE INDEX certificate_life_event_about ON certificate_life_event (certificate, type);
CREATE INDEX certificate_life_event_number ON certificate_life_event (number);

-- Statements of others whose signer has not been judged: his key may be stated later.
CREATE TABLE certificate_life_pending (
    statement BYTES NOT NULL,
    origin    TEXT  NOT NULL,
    idx       INT8  NOT NULL,
    signed    BYTES NOT NULL,
    PRIMARY KEY (statement, origin)
) TABLE_END;
