-- +goose Up
-- Where each certificate stands, reckoned whenever something counts that is said of
-- it, so that no page has to fold twenty years of events: the state without the
-- clock, whether the destination or the issuer has closed it (R-IMP-07), whether its
-- delayed facts are public (R-OPN-01), and whether it is in the sums of its pair.
ALTER TABLE certificate_life ADD COLUMN state TEXT NOT NULL DEFAULT 'issued';
ALTER TABLE certificate_life ADD COLUMN answered INT8 NOT NULL DEFAULT 0;
ALTER TABLE certificate_life ADD COLUMN opened INT8 NOT NULL DEFAULT 0;
ALTER TABLE certificate_life ADD COLUMN counted INT8 NOT NULL DEFAULT 0;

DROP INDEX certificate_life_pair;
DROP INDEX certificate_life_newest;

-- The sums, by pair of Participants.
CREATE TABLE certificate_life_pair (
    participant  TEXT NOT NULL,
    destination  TEXT NOT NULL,
    certificates INT8 NOT NULL,
    received     INT8 NOT NULL,
    cancelled    INT8 NOT NULL, -- or replaced
    unanswered   INT8 NOT NULL,
    unopened     INT8 NOT NULL,
    PRIMARY KEY (participant, destination)
) TABLE_END;

UPDATE certificate_life SET counted = 1,
    answered = CASE WHEN EXISTS (SELECT 1 FROM certificate_life_event e WHERE e.certificate = certificate_life.statement AND e.good = 1
        AND (e.type IN (7, 8) AND e.participant = certificate_life.participant
          OR e.type IN (11, 13, 30) AND e.participant = certificate_life.destination)) THEN 1 ELSE 0 END,
    opened = CASE WHEN EXISTS (SELECT 1 FROM certificate_life_event e WHERE e.certificate = certificate_life.statement AND e.good = 1
        AND e.type = 6 AND e.participant = certificate_life.participant) THEN 1 ELSE 0 END,
    state = COALESCE((SELECT CASE WHEN e.type = 7 THEN 'void' WHEN e.type = 8 THEN 'replaced' WHEN e.type = 9 THEN 'lost' WHEN e.type = 11 THEN 'received'
            WHEN e.type = 13 OR e.step = 1 THEN 'disputed' WHEN e.step = 2 THEN 'issued' WHEN e.step = 3 THEN 'sent_back' ELSE 'forfeited' END
        FROM certificate_life_event e WHERE e.certificate = certificate_life.statement AND e.good = 1
        AND (e.type IN (7, 8, 9) AND e.participant = certificate_life.participant
          OR e.type IN (11, 13, 30) AND e.participant = certificate_life.destination)
        ORDER BY CASE WHEN e.type = 11 THEN 0 ELSE 1 END, e.stated_at DESC, e.type DESC, e.step DESC, e.statement DESC, e.origin DESC LIMIT 1), 'issued')
WHERE good = 1;
INSERT INTO certificate_life_pair (participant, destination, certificates, received, cancelled, unanswered, unopened)
    SELECT participant, destination, COUNT(*), SUM(CASE WHEN state = 'received' THEN 1 ELSE 0 END),
        SUM(CASE WHEN state IN ('void', 'replaced') THEN 1 ELSE 0 END), SUM(1 - answered), SUM(1 - opened)
    FROM certificate_life WHERE good = 1 GROUP BY participant, destination;

CREATE INDEX certificate_life_newest ON certificate_life (stated_at, statement) WHERE good = 1;
CREATE INDEX certificate_life_state ON certificate_life (state, stated_at, statement) WHERE good = 1;
CREATE INDEX certificate_life_from ON certificate_life (participant, stated_at, statement) WHERE good = 1;
CREATE INDEX certificate_life_to ON certificate_life (destination, stated_at, statement) WHERE good = 1;
CREATE INDEX certificate_life_waiting ON certificate_life (participant, destination, expires, number, statement) WHERE good = 1 AND answered = 0;
CREATE INDEX certificate_life_unanswered ON certificate_life (expires, participant, destination) WHERE good = 1 AND answered = 0;
CREATE INDEX certificate_life_unopened ON certificate_life (expires, participant, destination) WHERE good = 1 AND opened = 0;
CREATE INDEX certificate_life_refused ON certificate_life (origin) WHERE good < 0;
CREATE INDEX certificate_life_event_refused ON certificate_life_event (origin) WHERE good < 0;

-- The follower certificate.contents: what certificates and openings say, for pages.
-- The bytes of other registers' certificates; those of the own are in the ledger.
CREATE TABLE certificate_life_content (
    statement BYTES NOT NULL,
    origin    TEXT  NOT NULL,
    idx       INT8  NOT NULL,
    signed    BYTES NOT NULL,
    PRIMARY KEY (statement, origin)
) TABLE_END;

-- What an opening discloses; whether it is what was committed to, a reader asks.
CREATE TABLE certificate_life_opening (
    statement   BYTES NOT NULL, -- the opening's
    certificate BYTES NOT NULL,
    disclosure  BYTES NOT NULL,
    PRIMARY KEY (statement)
) TABLE_END;
CREATE INDEX certificate_life_opening_about ON certificate_life_opening (certificate);

-- Which certificates an opened one says it consumed.
CREATE TABLE certificate_life_consumed (
    parent     BYTES NOT NULL,
    child      BYTES NOT NULL,
    opening    BYTES NOT NULL,
    number     TEXT  NOT NULL, -- the child's
    hundredths INT8  NOT NULL,
    PRIMARY KEY (parent, number, opening)
) TABLE_END;
