-- +goose Up
-- Who gave a sheet up or made it void, and when.
ALTER TABLE certificate_sheet ADD COLUMN ended_by TEXT;
ALTER TABLE certificate_sheet ADD COLUMN ended_at TEXT;

-- A certificate that is prepared and waits for the second officer: what a restart
-- must not lose. The row goes when the certificate is issued; its facts are then
-- in the vault.
CREATE TABLE certificate_prepared (
    number      TEXT  NOT NULL PRIMARY KEY REFERENCES certificate_sheet (number),
    payload     BYTES NOT NULL, -- as it will be signed, but for the moment of issue and the approvals
    disclosure  BYTES NOT NULL,
    findings    BYTES NOT NULL, -- JSON
    approval    BYTES,          -- the preparer's; NULL until it is given
    prepared_at TEXT  NOT NULL
) TABLE_END;
