-- +goose Up
-- Steps of which the office's own systems are told (package consignment): written with the
-- step, and taken away when the messages are entered.
CREATE TABLE certificate_event (
    consignment TEXT NOT NULL,
    seq         INT8 NOT NULL,
    act         TEXT NOT NULL,
    at          TEXT NOT NULL,
    PRIMARY KEY (consignment, seq)
) TABLE_END;
CREATE INDEX certificate_event_at ON certificate_event (at, consignment, seq);
