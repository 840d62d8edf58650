-- +goose Up
-- What programs have asked for with an Idempotency-Key (package web/api). The row is
-- written in the transaction of the act; the answer follows, and may be missing after a
-- crash: then it is made anew from the record that the act was done with.
CREATE TABLE web_answer (
    program     TEXT  NOT NULL, -- whose access key it was, by its id
    idempotency TEXT  NOT NULL, -- the key that the program chose
    request     BYTES NOT NULL, -- SHA-256 of method, address and body
    operation   TEXT  NOT NULL,
    about       TEXT  NOT NULL, -- the record
    status      INT8  NOT NULL, -- of the answer; 0 while it is not kept
    answer      BYTES,
    done_at     TEXT  NOT NULL,
    PRIMARY KEY (program, idempotency)
) TABLE_END;
CREATE INDEX web_answer_done ON web_answer (done_at);
