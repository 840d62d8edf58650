-- +goose Up
CREATE TABLE party_judged (
    one  INT8  NOT NULL PRIMARY KEY CHECK (one = 1),
    root BYTES NOT NULL -- fingerprint of the root document by which the view was judged
) TABLE_END;

CREATE TABLE party_statement (
    origin      TEXT  NOT NULL,
    hash        BYTES NOT NULL,
    position    INT8  NOT NULL, -- among those of its log in this table
    type        INT8  NOT NULL,
    participant TEXT  NOT NULL, -- of the issuer
    issuer      TEXT  NOT NULL,
    issued_at   INT8  NOT NULL, -- seconds since 1970
    synthetic   INT8  NOT NULL,
    refused     TEXT  NOT NULL, -- why it does not count; empty when it does
    detail      TEXT  NOT NULL, -- the same for who looks into it
    PRIMARY KEY (origin, hash),
    UNIQUE (origin, position)
) TABLE_END;

CREATE TABLE party_participant (
    origin    TEXT  NOT NULL,
    hash      BYTES NOT NULL,
    code      TEXT  NOT NULL,
    name      TEXT  NOT NULL,
    authority TEXT  NOT NULL,
    digits    INT8  NOT NULL,
    PRIMARY KEY (origin, hash)
) TABLE_END;

CREATE TABLE party_key (
    origin      TEXT  NOT NULL,
    hash        BYTES NOT NULL,
    key_id      TEXT  NOT NULL,
    participant TEXT  NOT NULL,
    office      TEXT  NOT NULL,
    name        TEXT  NOT NULL, -- of the office
    use         INT8  NOT NULL, -- 1 signs for the office, 2 is an officer's
    from_at     INT8  NOT NULL,
    until_at    INT8  NOT NULL, -- exclusive
    types       TEXT  NOT NULL, -- with commas
    recipient   TEXT  NOT NULL,
    home        TEXT  NOT NULL,
    thumbprint  BYTES NOT NULL,
    PRIMARY KEY (origin, hash)
) TABLE_END;
CREATE INDEX party_key_office ON party_key (participant, office);

CREATE TABLE party_revocation (
    origin      TEXT  NOT NULL,
    hash        BYTES NOT NULL,
    key_id      TEXT  NOT NULL,
    participant TEXT  NOT NULL,
    reason      TEXT  NOT NULL,
    PRIMARY KEY (origin, hash)
) TABLE_END;

CREATE TABLE party_cutoff (
    origin     TEXT  NOT NULL,
    hash       BYTES NOT NULL,
    log        TEXT  NOT NULL,
    size       INT8  NOT NULL, -- what the key signed below it stays good
    PRIMARY KEY (origin, hash, log)
) TABLE_END;

CREATE TABLE party_range (
    origin      TEXT  NOT NULL,
    hash        BYTES NOT NULL,
    participant TEXT  NOT NULL,
    office      TEXT  NOT NULL,
    station     TEXT  NOT NULL,
    digits      INT8  NOT NULL,
    first       INT8  NOT NULL,
    last        INT8  NOT NULL,
    offline     INT8  NOT NULL,
    log_within  INT8  NOT NULL, -- seconds
    from_day    INT8  NOT NULL,
    until_day   INT8  NOT NULL, -- inclusive
    PRIMARY KEY (origin, hash)
) TABLE_END;
CREATE INDEX party_range_number ON party_range (participant, digits, first);

CREATE TABLE party_role (
    origin      TEXT  NOT NULL,
    hash        BYTES NOT NULL,
    key_id      TEXT  NOT NULL,
    participant TEXT  NOT NULL,
    office      TEXT  NOT NULL,
    roles       TEXT  NOT NULL, -- with commas; empty: an end
    from_at     INT8  NOT NULL,
    until_at    INT8  NOT NULL, -- exclusive
    PRIMARY KEY (origin, hash)
) TABLE_END;
CREATE INDEX party_role_office ON party_role (participant, office);

CREATE TABLE party_specimen (
    origin      TEXT  NOT NULL,
    hash        BYTES NOT NULL,
    participant TEXT  NOT NULL,
    name        TEXT  NOT NULL,
    from_day    INT8  NOT NULL,
    until_day   INT8  NOT NULL, -- inclusive
    features    TEXT  NOT NULL,
    PRIMARY KEY (origin, hash)
) TABLE_END;

CREATE TABLE party_picture (
    origin TEXT  NOT NULL,
    hash   BYTES NOT NULL, -- of the statement
    n      INT8  NOT NULL,
    blob   BYTES NOT NULL, -- SHA-256 of the picture
    media  TEXT  NOT NULL,
    size   INT8  NOT NULL,
    PRIMARY KEY (origin, hash, n)
) TABLE_END;

CREATE TABLE party_standing (
    origin    TEXT  NOT NULL,
    hash      BYTES NOT NULL,
    adopter   TEXT  NOT NULL,
    code      TEXT  NOT NULL,
    kind      TEXT  NOT NULL,
    from_day  INT8  NOT NULL,
    until_day INT8  NOT NULL, -- inclusive
    what      TEXT  NOT NULL,
    source    TEXT  NOT NULL,
    certainty TEXT  NOT NULL,
    PRIMARY KEY (origin, hash)
) TABLE_END;
