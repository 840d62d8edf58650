-- +goose Up
-- What was received under imported certificates, and what re-exports have used up
-- of it, in hundredths of a carat (R-ORG-02). A certificate is never used beyond
-- its weight: the database refuses it.
CREATE TABLE certificate_balance (
    number      TEXT  NOT NULL PRIMARY KEY, -- of the imported certificate
    statement   BYTES NOT NULL,             -- hash of its signed bytes, or of the transcript of a paper one
    source      TEXT  NOT NULL CHECK (source IN ('receipt', 'opening')),
    basis       TEXT  NOT NULL,             -- of an opening balance: what it rests on
    received    INT8  NOT NULL,
    reserved    INT8  NOT NULL,             -- by prepared certificates
    spent       INT8  NOT NULL,             -- by issued ones
    received_at TEXT  NOT NULL,
    CHECK (received > 0 AND reserved >= 0 AND spent >= 0),
    CHECK (reserved + spent <= received)
) TABLE_END;

-- What one certificate of this office uses up of an imported one. covered is
-- what the balance bears; the rest is declared and not covered, which is possible
-- only while R-ORG-02 warns.
CREATE TABLE certificate_consumption (
    sheet      TEXT  NOT NULL REFERENCES certificate_sheet (number), -- the certificate that uses it up
    number     TEXT  NOT NULL,                                       -- the one used up
    statement  BYTES NOT NULL,
    hundredths INT8  NOT NULL,
    covered    INT8  NOT NULL,
    state      TEXT  NOT NULL CHECK (state IN ('reserved', 'spent', 'freed')),
    at         TEXT  NOT NULL,
    PRIMARY KEY (sheet, number),
    CHECK (hundredths > 0 AND covered >= 0 AND covered <= hundredths)
) TABLE_END;
CREATE INDEX certificate_consumption_number ON certificate_consumption (number);
