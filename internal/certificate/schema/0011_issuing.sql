-- +goose Up
-- What the desk's lists read: a page of any of them goes by an index and costs the
-- same however many years the office has worked.
DROP INDEX certificate_consignment_state;
DROP INDEX certificate_consignment_due;
CREATE INDEX certificate_consignment_queue ON certificate_consignment (state, moved_at, id);
CREATE INDEX certificate_consignment_to ON certificate_consignment (state, counterpart, moved_at, id);
CREATE INDEX certificate_consignment_moved ON certificate_consignment (moved_at, id);
CREATE INDEX certificate_consignment_due ON certificate_consignment (due, id);
CREATE INDEX certificate_step_acted ON certificate_step (act, at);
CREATE INDEX certificate_sheet_counted ON certificate_sheet (range_id, state, serial);
CREATE INDEX certificate_sheet_ended ON certificate_sheet (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX certificate_outward_awaited ON certificate_outward (return_by, number) WHERE back < out;

-- Who has taken a consignment in hand, at which step of its file. With the next step
-- the hand is free again; the row is no part of the file.
CREATE TABLE certificate_hand (
    consignment TEXT NOT NULL PRIMARY KEY REFERENCES certificate_consignment (id),
    steps       INT8 NOT NULL,
    login       TEXT NOT NULL,
    name        TEXT NOT NULL,
    taken_at    TEXT NOT NULL
) TABLE_END;

-- Photographs of a consignment. sealed is the file as it came, whose hash stands in the
-- file's step; shown is drawn anew from it, without what a camera writes beside a
-- picture (place, owner), and is what pages show.
CREATE TABLE certificate_photo (
    consignment TEXT  NOT NULL REFERENCES certificate_consignment (id),
    hash        BYTES NOT NULL, -- SHA-256 of sealed
    form        TEXT  NOT NULL CHECK (form IN ('jpeg', 'png')),
    sealed      BYTES NOT NULL,
    shown       BYTES NOT NULL, -- JPEG
    shown_hash  BYTES NOT NULL,
    login       TEXT  NOT NULL,
    taken_at    TEXT  NOT NULL,
    PRIMARY KEY (consignment, hash)
) TABLE_END;

-- Each look at a certificate before there is one: who was given which bytes.
CREATE TABLE certificate_preview (
    consignment TEXT  NOT NULL REFERENCES certificate_consignment (id),
    n           INT8  NOT NULL,
    steps       INT8  NOT NULL, -- of the file when it was made
    login       TEXT  NOT NULL,
    name        TEXT  NOT NULL,
    at          TEXT  NOT NULL,
    paper       BYTES NOT NULL, -- SHA-256 of the PDF
    PRIMARY KEY (consignment, n)
) TABLE_END;

-- Each print of a certificate, beside the statement that it was printed: by whom, on
-- what, and why once more.
CREATE TABLE certificate_printed (
    number    TEXT  NOT NULL,
    n         INT8  NOT NULL,
    statement BYTES NOT NULL, -- of the print
    paper     BYTES NOT NULL, -- SHA-256 of the PDF
    stock     TEXT  NOT NULL,
    dx        INT8  NOT NULL, -- hundredths of a millimetre
    dy        INT8  NOT NULL,
    reason    TEXT  NOT NULL,
    login     TEXT  NOT NULL,
    name      TEXT  NOT NULL,
    at        TEXT  NOT NULL,
    PRIMARY KEY (number, n)
) TABLE_END;
