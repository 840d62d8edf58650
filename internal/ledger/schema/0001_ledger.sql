-- +goose Up
CREATE TABLE ledger_entry (
    id             BYTES NOT NULL PRIMARY KEY, -- SHA-256 of the payload; of the leaf's place for leaves that are not ours
    n              INT8  NOT NULL UNIQUE,      -- order of intention
    seq            INT8  UNIQUE,               -- order of signing: the order in which followers see it
    type           INT8  NOT NULL,
    issuer         TEXT  NOT NULL,
    subject        TEXT  NOT NULL,
    prev           BYTES NOT NULL,             -- 32 zero bytes for the first
    algorithm      INT8  NOT NULL,
    key_id         BYTES NOT NULL,
    payload        BYTES,                      -- to be signed; NULL once signed holds it
    signed         BYTES,
    hash           BYTES,                      -- SHA-256 of signed
    leaf           BYTES,                      -- leaf hash of signed
    origin         TEXT  NOT NULL,
    idx            INT8,
    witnessed_size INT8,                       -- size of the first witnessed checkpoint that covers it
    prepared_at    TEXT  NOT NULL,
    signed_at      TEXT,
    logged_at      TEXT,
    witnessed_at   TEXT,
    foreign_leaf   INT8  NOT NULL DEFAULT 0,   -- found in the log, not made by this database
    UNIQUE (origin, idx),
    CHECK (signed IS NOT NULL OR payload IS NOT NULL),
    CHECK (idx IS NULL OR signed IS NOT NULL)
) TABLE_END;
CREATE UNIQUE INDEX ledger_entry_chain ON ledger_entry (issuer, subject, prev) WHERE foreign_leaf = 0;
CREATE INDEX ledger_entry_subject ON ledger_entry (issuer, subject, n);
CREATE INDEX ledger_entry_hash ON ledger_entry (hash);
CREATE INDEX ledger_entry_leaf ON ledger_entry (leaf);
CREATE INDEX ledger_entry_unlogged ON ledger_entry (seq) WHERE idx IS NULL AND signed IS NOT NULL;
CREATE INDEX ledger_entry_unwitnessed ON ledger_entry (idx) WHERE witnessed_size IS NULL AND idx IS NOT NULL;
CREATE INDEX ledger_entry_unsigned ON ledger_entry (n) WHERE signed IS NULL;

-- Every published checkpoint that was the first to cover some entry, with the
-- cosignatures that satisfied the policy: proofs lead to these.
CREATE TABLE ledger_checkpoint (
    origin TEXT NOT NULL,
    size   INT8 NOT NULL,
    text   TEXT NOT NULL,
    time   TEXT NOT NULL, -- oldest time of the quorum
    PRIMARY KEY (origin, size)
) TABLE_END;

-- Where each follower stands; written in the transaction that writes its view.
CREATE TABLE ledger_position (
    follower TEXT NOT NULL,
    origin   TEXT NOT NULL,
    next     INT8 NOT NULL,
    size     INT8 NOT NULL, -- size and root of the last checkpoint that was followed
    root     BYTES NOT NULL,
    PRIMARY KEY (follower, origin)
) TABLE_END;

-- The vault: disclosures this node holds, by the payload that they open. Its
-- hash is known before anything is signed, so the facts are kept in the
-- transaction that fixes the bytes.
CREATE TABLE ledger_vault (
    payload    BYTES NOT NULL PRIMARY KEY, -- SHA-256; of an own statement, the id of its entry
    statement  BYTES,                      -- the signed bytes, of a statement from elsewhere
    hash       BYTES,                      -- SHA-256 of statement
    disclosure BYTES,
    approvals  BYTES,
    kept       INT8  NOT NULL UNIQUE,      -- order of change: the order in which followers hear of it
    kept_at    TEXT  NOT NULL,
    CHECK (disclosure IS NOT NULL OR approvals IS NOT NULL)
) TABLE_END;
CREATE INDEX ledger_vault_hash ON ledger_vault (hash);

-- The newest checkpoint of each followed log: what the next must contain.
CREATE TABLE ledger_log (
    origin  TEXT  NOT NULL PRIMARY KEY,
    size    INT8  NOT NULL,
    root    BYTES NOT NULL,
    text    TEXT  NOT NULL,
    time    TEXT  NOT NULL, -- oldest time of the quorum
    read_at TEXT  NOT NULL
) TABLE_END;

-- Evidence: two signed checkpoints of one log that cannot both be of it. Rows
-- are never removed.
CREATE TABLE ledger_fork (
    origin   TEXT  NOT NULL,
    size     INT8  NOT NULL, -- size and root of the one found later
    root     BYTES NOT NULL,
    known    TEXT  NOT NULL, -- both texts
    found    TEXT  NOT NULL,
    found_at TEXT  NOT NULL,
    PRIMARY KEY (origin, size, root)
) TABLE_END;

-- hold: why nothing may be appended. generation: counts restores; what was
-- allotted in an earlier generation is burnt.
CREATE TABLE ledger_state (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) TABLE_END;
