-- +goose Up
-- What other logs say of keys, and of their own end: whom to believe a message,
-- to which key to encrypt one, where a log goes on. A view (exchange.Heard); what
-- the own log says stands in ledger_entry.
CREATE TABLE ledger_heard (
    origin    TEXT  NOT NULL,
    idx       INT8  NOT NULL,
    type      INT8  NOT NULL,
    statement BYTES NOT NULL,
    PRIMARY KEY (origin, idx)
) TABLE_END;

-- Messages to other offices. Encrypted anew for each try: the key of the other
-- office may change while it cannot be reached.
CREATE TABLE ledger_outbox (
    id        BYTES NOT NULL PRIMARY KEY, -- the message's own
    n         INT8  NOT NULL UNIQUE,      -- order of posting
    office    TEXT  NOT NULL,             -- to whom
    kind      INT8  NOT NULL,
    payload   BYTES NOT NULL,
    signature BYTES,                      -- detached; NULL until the key has signed
    state     TEXT  NOT NULL,             -- queued, sent, acknowledged, failed
    attempts  INT8  NOT NULL DEFAULT 0,
    next_at   TEXT,                       -- when it is tried next; NULL: not by itself
    reason    TEXT,                       -- why the last try did not do, in JSON
    carrier   TEXT,                       -- http, mail, stick: how it went last
    posted_at TEXT  NOT NULL,
    sent_at   TEXT,
    answered_at TEXT
) TABLE_END;
CREATE INDEX ledger_outbox_due ON ledger_outbox (next_at) WHERE next_at IS NOT NULL;

-- Messages from other offices. The ciphertext is stored before anything is made
-- of it; once the message is taken, its signed bytes are there in its place.
CREATE TABLE ledger_inbox (
    digest      BYTES NOT NULL PRIMARY KEY, -- SHA-256 of the ciphertext
    n           INT8  NOT NULL UNIQUE,      -- order of arrival
    raw         BYTES,                      -- the ciphertext, until taken or refused
    state       TEXT  NOT NULL,             -- received, taken, handled, refused
    carrier     TEXT  NOT NULL,
    received_at TEXT  NOT NULL,
    message     BYTES,                      -- the signed message, once taken; with it the next four
    sender      TEXT,
    id          BYTES,
    kind        INT8,
    skew        INT8,                       -- seconds by which the sender's clock is ahead of ours
    attempts    INT8  NOT NULL DEFAULT 0,
    next_at     TEXT,
    reason      TEXT,
    handled_at  TEXT,
    answer      BYTES,                      -- id of the acknowledgement in ledger_outbox, when one was posted
    CHECK (raw IS NOT NULL OR message IS NOT NULL OR state = 'refused'),
    CHECK (message IS NULL OR (sender IS NOT NULL AND id IS NOT NULL AND kind IS NOT NULL))
) TABLE_END;
CREATE UNIQUE INDEX ledger_inbox_message ON ledger_inbox (sender, id);
CREATE INDEX ledger_inbox_due ON ledger_inbox (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX ledger_inbox_state ON ledger_inbox (state, n);
