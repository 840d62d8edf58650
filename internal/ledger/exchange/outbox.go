package exchange

import (
	"context"
	"errors"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/store"
	"adamas.example/verify/message"
)

// Outgoing is a message of the outbox.
type Outgoing struct {
	Message  *message.Message
	N        int64
	State    State
	Attempts int64
	Next     time.Time // when it is tried next; zero: not by itself
	Reason   error     // why the last try did not do; nil when it did
	Carrier  Carrier   // how it went last; "" before
	Posted   time.Time
	SentAt   time.Time // zero before, as the next
	Answered time.Time

	payload, signature []byte
}

const outboxColumns = `n, payload, signature, state, attempts, next_at, COALESCE(reason, ''), COALESCE(carrier, ''), posted_at, sent_at, answered_at`

func scanOutgoing(scan store.Scan) (*Outgoing, error) {
	m := new(Outgoing)
	var reason string
	err := scan(&m.N, &m.payload, &m.signature, &m.State, &m.Attempts, store.ScanTime(&m.Next), &reason, &m.Carrier,
		store.ScanTime(&m.Posted), store.ScanTime(&m.SentAt), store.ScanTime(&m.Answered))
	if err != nil {
		return nil, err
	}
	m.Reason = keptFault(reason)
	m.Message, err = message.ParsePayload(m.payload)
	return m, err
}

// Outbox lists the newest messages that go out, newest first.
func (o *Office) Outbox(ctx context.Context, limit int) ([]*Outgoing, error) {
	return o.OutboxBefore(ctx, newest, limit)
}

// newest is beyond the number of any message.
const newest = 1 << 62

// OutboxBefore lists those before one, by its N.
func (o *Office) OutboxBefore(ctx context.Context, n int64, limit int) (out []*Outgoing, err error) {
	err = o.store.Read(ctx, o.cfg.Now(), func(tx *store.Tx) error {
		out, err = store.Collect(tx, scanOutgoing, `SELECT `+outboxColumns+` FROM ledger_outbox WHERE n < $1 ORDER BY n DESC LIMIT $2`, n, limit)
		return err
	})
	return out, err
}

// SentOf gives one message of the outbox, in the caller's transaction, for a page
// about what it is about. Fault exchange.unknown_message.
func SentOf(tx *store.Tx, id message.ID) (*Outgoing, error) {
	rows, err := store.Collect(tx, scanOutgoing, `SELECT `+outboxColumns+` FROM ledger_outbox WHERE id = $1`, id)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, fault.NotFound("exchange.unknown_message", fault.Text(id.String()))
	}
	return rows[0], nil
}

// Again puts a message that was given up, or went out by mail or stick and was
// lost, into the queue once more; never one that its office has acknowledged: it could
// become failed beside the day of its answer. Faults: exchange.unknown_message,
// exchange.acknowledged.
func (o *Office) Again(ctx context.Context, id message.ID) error {
	err := o.store.Write(ctx, o.cfg.Now(), func(tx *store.Tx) error {
		tx.Act(id.String())
		m, err := SentOf(tx, id)
		switch {
		case err != nil:
			return err
		case m.State == Acknowledged:
			return fault.Conflict("exchange.acknowledged", fault.Arg("office", m.Message.To), fault.Arg("at", m.Answered))
		}
		_, err = tx.Exec(`UPDATE ledger_outbox SET state = $2, next_at = $3, attempts = 0, reason = NULL WHERE id = $1`, id, Queued, tx.Now())
		return err
	})
	o.wake()
	return err
}

// waiting lists what is to be tried now, oldest first; all that is queued when more
// has become known of keys.
func (o *Office) waiting(ctx context.Context, learned bool) (out []*Outgoing, err error) {
	err = o.store.Read(ctx, o.cfg.Now(), func(tx *store.Tx) error {
		out, err = store.Collect(tx, scanOutgoing, `SELECT `+outboxColumns+` FROM ledger_outbox
			WHERE next_at <= $1 OR (state = $2 AND $3 = 1) ORDER BY n LIMIT 256`, tx.Now(), Queued, learned)
		return err
	})
	return out, err
}

// unanswered lists all that no acknowledgement has come for, oldest first. An
// acknowledgement is over once it is sent: nobody acknowledges it.
func (o *Office) unanswered(ctx context.Context) (out []*Outgoing, err error) {
	err = o.store.Read(ctx, o.cfg.Now(), func(tx *store.Tx) error {
		out, err = store.Collect(tx, scanOutgoing, `SELECT `+outboxColumns+` FROM ledger_outbox
			WHERE state = $1 OR (state = $2 AND kind <> $3) ORDER BY n`, Queued, Sent, message.Acknowledgement)
		return err
	})
	return out, err
}

// signed gives the signed message of a row, and keeps the signature: a message has
// one, whatever becomes of the process.
func (o *Office) signed(ctx context.Context, m *Outgoing) ([]byte, error) {
	if m.signature == nil {
		signature, err := o.sign(ctx, m.payload)
		if err != nil {
			return nil, err
		}
		err = o.store.Write(ctx, o.cfg.Now(), func(tx *store.Tx) error {
			if _, err := tx.Exec(`UPDATE ledger_outbox SET signature = $2 WHERE id = $1 AND signature IS NULL`, m.Message.ID, signature); err != nil {
				return err
			}
			return tx.QueryRow(`SELECT signature FROM ledger_outbox WHERE id = $1`, m.Message.ID).Scan(&m.signature)
		})
		if err != nil {
			return nil, err
		}
	}
	return message.Join(m.payload, m.signature)
}

// encrypted gives what travels.
func (o *Office) encrypted(ctx context.Context, m *Outgoing) ([]byte, error) {
	signed, err := o.signed(ctx, m)
	if err != nil {
		return nil, err
	}
	return o.seal(ctx, m.Message.To, signed)
}

const (
	// firstWait doubles with each try, up to longestWait: an office that is cut off
	// for days is asked once an hour.
	firstWait   = 5 * time.Second
	longestWait = time.Hour
	// giveUp is how long a message is tried: after it a person decides.
	giveUp = 30 * 24 * time.Hour
)

// pauseAfter is how long to wait after so many tries.
func pauseAfter(attempts int64) time.Duration {
	return min(longestWait, firstWait<<min(attempts, 20))
}

// tried writes what a try has brought: nil when the carrier has the message.
func (o *Office) tried(ctx context.Context, m *Outgoing, by Carrier, failed error) error {
	now := o.cfg.Now()
	state, sent := m.State, m.SentAt
	next := store.OptTime(now.Add(pauseAfter(m.Attempts)))
	var reason any
	late := by == HTTP && now.Sub(m.Posted) > giveUp
	if failed == nil {
		state, sent = Sent, now
		if m.Message.Kind == message.Acknowledgement {
			next = nil
		} else if late {
			failed = fault.Unavailable("exchange.never_acknowledged", fault.Arg("office", m.Message.To))
		}
	}
	if failed != nil {
		text, err := keepFault(failed)
		if err != nil {
			return err
		}
		reason = text
		if fault.KindOf(failed) == fault.KindInternal {
			o.slog.Error("send a message", "id", m.Message.ID, "to", m.Message.To, "error", failed)
		}
		if late && !fault.Is(failed, "exchange.no_address") {
			state, next = Failed, nil
		}
	}
	return o.store.Write(ctx, now, func(tx *store.Tx) error {
		// Not over an acknowledgement that came meanwhile.
		_, err := tx.Exec(`UPDATE ledger_outbox SET state = $2, attempts = attempts + 1, next_at = $3, reason = $4,
			carrier = CASE WHEN $5 = '' THEN carrier ELSE $5 END, sent_at = $6 WHERE id = $1 AND state <> $7`,
			m.Message.ID, state, next, reason, carried(by, failed), store.OptTime(sent), Acknowledged)
		return err
	})
}

func carried(by Carrier, failed error) Carrier {
	if failed != nil {
		return ""
	}
	return by
}

// acknowledge marks an own message as arrived, by the word of the office that it
// went to; false when there is no such message.
func acknowledge(tx *store.Tx, from string, answers message.ID) (bool, error) {
	n, err := tx.Exec(`UPDATE ledger_outbox SET state = $3, next_at = NULL, reason = NULL, answered_at = COALESCE(answered_at, $4) WHERE id = $1 AND office = $2`,
		answers, from, Acknowledged, tx.Now())
	return n > 0, err
}

// postAcknowledgement puts the acknowledgement of a message into the outbox, or
// makes one that has gone before go again: who sends a message twice has not had it.
func (o *Office) postAcknowledgement(tx *store.Tx, m *message.Message) error {
	var id []byte
	err := tx.QueryRow(`SELECT answer.id FROM ledger_inbox got JOIN ledger_outbox answer ON answer.id = got.answer
		WHERE got.sender = $1 AND got.id = $2`, m.From, m.ID).Scan(&id)
	switch {
	case err == nil:
		_, err = tx.Exec(`UPDATE ledger_outbox SET state = $2, next_at = $3, attempts = 0 WHERE id = $1`, id, Queued, tx.Now())
		return err
	case !errors.Is(err, store.ErrNoRows):
		return err
	}
	answer, err := o.Post(tx, Draft{To: m.From, Kind: message.Acknowledgement, Answers: m.ID})
	if err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE ledger_inbox SET answer = $3 WHERE sender = $1 AND id = $2`, m.From, m.ID, answer)
	return err
}
