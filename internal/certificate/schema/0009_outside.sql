-- +goose Up
-- Pictures of papers from outside: of certificates and of confirmations. They are in
-- the database, and not in files beside it, so that one snapshot is the whole backup
-- and no picture can be lost apart from the file that names its digest. content is as
-- it came and never leaves the office; clean is what is shown (no place, camera or
-- comments in it), the same bytes for a kind that is not cleaned.
CREATE TABLE certificate_scan (
    hash       BYTES NOT NULL PRIMARY KEY, -- SHA-256 of content: what statements name
    media      TEXT  NOT NULL,
    size       INT8  NOT NULL,
    content    BYTES NOT NULL,
    clean_hash BYTES NOT NULL,
    clean      BYTES NOT NULL,
    taken_at   TEXT  NOT NULL,
    taken_by   TEXT  NOT NULL,
    CHECK (size > 0)
) TABLE_END;

CREATE TABLE certificate_scan_of (
    consignment TEXT  NOT NULL REFERENCES certificate_consignment (id),
    hash        BYTES NOT NULL REFERENCES certificate_scan (hash),
    of          TEXT  NOT NULL CHECK (of IN ('certificate', 'confirmation')),
    PRIMARY KEY (consignment, hash, of)
) TABLE_END;
CREATE INDEX certificate_scan_of_hash ON certificate_scan_of (hash);

-- The follower certificate.life: paper certificates from outside as importing offices
-- have transcribed them. A table of its own: nothing that lists certificates may take
-- one of these for a signed one.
CREATE TABLE certificate_life_transcript (
    statement   BYTES NOT NULL,
    origin      TEXT  NOT NULL, -- of the log
    number      TEXT  NOT NULL,
    claimed     TEXT  NOT NULL, -- Participant whose certificate it claims to be
    participant TEXT  NOT NULL, -- that transcribed it
    issuer      TEXT  NOT NULL, -- its office
    kind        INT8  NOT NULL,
    destination TEXT  NOT NULL,
    issued      INT8  NOT NULL, -- day
    expires     INT8  NOT NULL, -- day
    original    INT8  NOT NULL,
    findings    TEXT  NOT NULL, -- rules that it did not pass, joined by blanks
    stated_at   INT8  NOT NULL,
    synthetic   INT8  NOT NULL,
    good        INT8  NOT NULL, -- as in certificate_life
    why         TEXT,
    received    INT8  NOT NULL, -- its importing office has confirmed receipt
    counted     INT8  NOT NULL, -- it is in the sums of its pair
    PRIMARY KEY (statement, origin)
) TABLE_END;
CREATE INDEX certificate_life_transcript_number ON certificate_life_transcript (number);
CREATE INDEX certificate_life_transcript_newest ON certificate_life_transcript (stated_at, statement) WHERE good = 1;

-- Apart from what both sides have signed: certificates whose receipt was confirmed on
-- paper, which are among certificates and not among received; and paper certificates,
-- which are among neither.
ALTER TABLE certificate_life_pair ADD COLUMN attested INT8 NOT NULL DEFAULT 0;
ALTER TABLE certificate_life_pair ADD COLUMN transcribed INT8 NOT NULL DEFAULT 0;
ALTER TABLE certificate_life_pair ADD COLUMN transcribed_received INT8 NOT NULL DEFAULT 0;
