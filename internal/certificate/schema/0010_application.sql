-- +goose Up
-- Whose a file of the exporting side is (package exporting). A file opened at the
-- command line has no owner.
CREATE TABLE certificate_owner (
    consignment TEXT NOT NULL PRIMARY KEY REFERENCES certificate_consignment (id),
    company     TEXT NOT NULL, -- key of the company: holder|licence
    login       TEXT NOT NULL, -- of the person who filed the application
    name        TEXT NOT NULL
) TABLE_END;
CREATE INDEX certificate_owner_company ON certificate_owner (company, consignment);

-- Applications that are not yet sent (package applications), as they were typed.
CREATE TABLE certificate_draft (
    id          TEXT NOT NULL PRIMARY KEY,
    company     TEXT NOT NULL,
    consignment TEXT NOT NULL, -- the file that it mends; '' for a new application
    version     INT8 NOT NULL,
    parts       TEXT NOT NULL, -- JSON: what was typed into each part of the form, by whom and when
    made_by     TEXT NOT NULL, -- name
    made_at     TEXT NOT NULL,
    edited_by   TEXT NOT NULL, -- name
    edited_at   TEXT NOT NULL,
    CHECK (version > 0)
) TABLE_END;
CREATE INDEX certificate_draft_company ON certificate_draft (company, edited_at);
CREATE UNIQUE INDEX certificate_draft_mends ON certificate_draft (consignment) WHERE consignment <> '';

-- Papers handed in, by the SHA-256 of their content; here, so that one snapshot holds
-- all. holder is a draft, or the file that its application went into.
CREATE TABLE certificate_blob (
    sha256  BYTES NOT NULL PRIMARY KEY,
    kind    TEXT  NOT NULL, -- what the content is: pdf, jpeg, png, xlsx
    content BYTES NOT NULL
) TABLE_END;
CREATE TABLE certificate_attachment (
    holder TEXT  NOT NULL,
    sha256 BYTES NOT NULL REFERENCES certificate_blob (sha256),
    name   TEXT  NOT NULL,
    size   INT8  NOT NULL,
    handed TEXT  NOT NULL, -- by whom: name
    at     TEXT  NOT NULL,
    PRIMARY KEY (holder, sha256)
) TABLE_END;
CREATE INDEX certificate_attachment_blob ON certificate_attachment (sha256);
