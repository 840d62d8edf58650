package exchange

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/message"
)

// Incoming is a message of the inbox.
type Incoming struct {
	Digest     canonical.Hash   // SHA-256 of the ciphertext
	Message    *message.Message // nil until it is taken
	N          int64
	State      State
	Carrier    Carrier
	ReceivedAt time.Time
	Skew       time.Duration // by how much the sender's clock is ahead of ours; 0 when it is not
	Next       time.Time     // when it is looked at again; zero: not by itself
	Reason     error         // why it was refused, waits, or was not handled
	HandledAt  time.Time

	signed, raw []byte
	attempts    int64
}

const inboxColumns = `digest, n, raw, state, carrier, received_at, message, COALESCE(skew, 0), attempts, next_at, COALESCE(reason, ''), handled_at`

func scanIncoming(scan store.Scan) (*Incoming, error) {
	in := new(Incoming)
	var digest []byte
	var reason string
	var skew int64
	err := scan(&digest, &in.N, &in.raw, &in.State, &in.Carrier, store.ScanTime(&in.ReceivedAt), &in.signed, &skew, &in.attempts,
		store.ScanTime(&in.Next), &reason, store.ScanTime(&in.HandledAt))
	if err != nil {
		return nil, err
	}
	copy(in.Digest[:], digest)
	in.Skew, in.Reason = time.Duration(skew)*time.Second, keptFault(reason)
	if in.signed != nil {
		m, err := message.Parse(in.signed)
		if err != nil {
			return nil, err
		}
		in.Message = m.Message
	}
	return in, nil
}

// Inbox lists the newest messages that have come, newest first.
func (o *Office) Inbox(ctx context.Context, limit int) ([]*Incoming, error) {
	return o.InboxBefore(ctx, newest, limit)
}

// InboxBefore lists those before one, by its N.
func (o *Office) InboxBefore(ctx context.Context, n int64, limit int) (out []*Incoming, err error) {
	err = o.store.Read(ctx, o.cfg.Now(), func(tx *store.Tx) error {
		out, err = store.Collect(tx, scanIncoming, `SELECT `+inboxColumns+` FROM ledger_inbox WHERE n < $1 ORDER BY n DESC LIMIT $2`, n, limit)
		return err
	})
	return out, err
}

func incomingBy(tx *store.Tx, digest canonical.Hash) (*Incoming, error) {
	rows, err := store.Collect(tx, scanIncoming, `SELECT `+inboxColumns+` FROM ledger_inbox WHERE digest = $1`, digest)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}

// Bounds of what is stored before it is verified: anybody who reads a log can
// encrypt to this office. Who is turned away keeps the message and comes again.
const (
	mostWaiting = 500
	mostRefused = 1000
	// forget is how long a message waits for its signer to become known.
	forget = 30 * 24 * time.Hour
	// skewAllowed is how far a clock may be ahead without a remark.
	skewAllowed = 5 * time.Minute
)

// Look opens and judges an encrypted message and writes nothing: what Receive
// would say. Twice tells whether the message has come before.
func (o *Office) Look(ctx context.Context, raw []byte) (m *message.Message, twice bool, err error) {
	plain, err := o.open(ctx, raw)
	if err != nil {
		return nil, false, err
	}
	signed, _, err := o.judge(ctx, plain)
	if err != nil {
		return nil, false, err
	}
	err = o.store.Read(ctx, o.cfg.Now(), func(tx *store.Tx) error {
		same, err := o.same(tx, signed)
		twice = same
		return err
	})
	return signed.Message, twice, err
}

// Receive takes an encrypted message in: it is stored as it came, verified, and
// handled. One that has come before, in whatever encryption, is taken once; twice
// tells so. A message whose signer is not known yet is stored and waits: its state
// is Received, and no error. An error means that nothing was stored, but for those
// that refuse the message: then the inbox has it with the reason.
//
// Faults: those of open, exchange.inbox_full, and those of judge.
func (o *Office) Receive(ctx context.Context, raw []byte, by Carrier) (in *Incoming, twice bool, err error) {
	plain, err := o.open(ctx, raw)
	if err != nil {
		return nil, false, err
	}
	digest := canonical.Sum(raw)
	err = o.store.Write(ctx, o.cfg.Now(), func(tx *store.Tx) error {
		if in, err = incomingBy(tx, digest); err != nil || in != nil {
			return err
		}
		return o.keep(tx, digest, raw, by)
	})
	if err != nil {
		return nil, false, err
	}
	if in != nil && in.State != Received {
		if in.State == Refused {
			return in, true, in.Reason
		}
		return in, true, o.answerAgain(ctx, in.Message, by)
	}
	in, twice, err = o.take(ctx, digest, plain, by)
	if err != nil || twice || in.State != Taken {
		return in, twice, err
	}
	return o.handleNow(ctx, in)
}

// keep stores a ciphertext, unless too many wait already.
func (o *Office) keep(tx *store.Tx, digest canonical.Hash, raw []byte, by Carrier) error {
	var waiting int64
	if err := tx.QueryRow(`SELECT COUNT(*) FROM ledger_inbox WHERE state = $1`, Received).Scan(&waiting); err != nil {
		return err
	}
	if waiting >= mostWaiting {
		return fault.Busy("exchange.inbox_full", fault.Arg("most", mostWaiting))
	}
	_, err := tx.Exec(`INSERT INTO ledger_inbox (digest, n, raw, state, carrier, received_at, next_at)
		VALUES ($1, (SELECT COALESCE(MAX(n), 0) + 1 FROM ledger_inbox), $2, $3, $4, $5, $5)`, digest, raw, Received, by, tx.Now())
	return err
}

// take judges a stored message and writes what came of it.
func (o *Office) take(ctx context.Context, digest canonical.Hash, plain []byte, by Carrier) (in *Incoming, twice bool, err error) {
	m, curable, bad := o.judge(ctx, plain)
	err = o.store.Write(ctx, o.cfg.Now(), func(tx *store.Tx) (err error) {
		twice = false
		switch {
		case bad == nil:
			twice, err = o.taken(tx, digest, m, by)
		case curable:
			err = o.waits(tx, digest, bad)
		default:
			err = o.refuse(tx, digest, bad)
		}
		if err != nil {
			return err
		}
		if twice {
			if in, err = takenBefore(tx, m.Message); err == nil && in == nil {
				err = errGone
			}
		} else if in, err = incomingBy(tx, digest); err == nil && in == nil {
			// Two have looked at one message at once, and the other was done with it.
			if twice = true; m != nil {
				in, err = takenBefore(tx, m.Message)
			}
			if err == nil && in == nil {
				err = errGone
			}
		}
		return err
	})
	if err == nil && in.State == Refused {
		err = in.Reason
	}
	return in, twice, err
}

// errGone: somebody else was done with the message, or has taken it away meanwhile. The
// next look does not find it any more.
var errGone = errors.New("exchange: the message has gone meanwhile")

// same tells whether a message with this sender and id was taken before. One that
// says something else under the same id is refused: exchange.id_reused.
func (o *Office) same(tx *store.Tx, m *message.Signed) (bool, error) {
	before, err := takenBefore(tx, m.Message)
	if err != nil || before == nil {
		return false, err
	}
	earlier, err := message.Parse(before.signed)
	if err != nil {
		return false, err
	}
	if !bytes.Equal(earlier.Payload, m.Payload) {
		return false, fault.Conflict("exchange.id_reused", fault.Arg("sender", m.From), fault.Text(m.ID.String()))
	}
	return true, nil
}

func takenBefore(tx *store.Tx, m *message.Message) (*Incoming, error) {
	rows, err := store.Collect(tx, scanIncoming, `SELECT `+inboxColumns+` FROM ledger_inbox WHERE sender = $1 AND id = $2`, m.From, m.ID)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}

// taken marks a message as taken and has it acknowledged, unless the answer to its
// HTTP request is the acknowledgement.
func (o *Office) taken(tx *store.Tx, digest canonical.Hash, m *message.Signed, by Carrier) (twice bool, err error) {
	twice, err = o.same(tx, m)
	if fault.Is(err, "exchange.id_reused") {
		return false, o.refuse(tx, digest, err)
	}
	if err != nil {
		return false, err
	}
	if twice { // unless it is this very one, which another look has taken meanwhile
		_, err = tx.Exec(`DELETE FROM ledger_inbox WHERE digest = $1 AND state = $2`, digest, Received)
	} else {
		var next any
		if _, wanted := o.handlers[m.Kind]; wanted || m.Kind == message.Acknowledgement || len(m.Bundles) > 0 {
			next = tx.Now()
		}
		skew := m.Time - tx.Now().Unix()
		if skew <= int64(skewAllowed/time.Second) {
			skew = 0
		}
		_, err = tx.Exec(`UPDATE ledger_inbox SET state = $2, raw = NULL, message = $3, sender = $4, id = $5, kind = $6, skew = $7, attempts = 0, next_at = $8, reason = NULL
			WHERE digest = $1`, digest, Taken, m.Bytes, m.From, m.ID, m.Kind, skew, next)
	}
	if err == nil && m.Kind != message.Acknowledgement && by != HTTP {
		err = o.postAcknowledgement(tx, m.Message)
	}
	return twice, err
}

// answerAgain acknowledges a message that has come in the very same bytes again.
func (o *Office) answerAgain(ctx context.Context, m *message.Message, by Carrier) error {
	if by == HTTP || m.Kind == message.Acknowledgement {
		return nil
	}
	return o.store.Write(ctx, o.cfg.Now(), func(tx *store.Tx) error { return o.postAcknowledgement(tx, m) })
}

// waits keeps a message whose signer may become known, for a time.
func (o *Office) waits(tx *store.Tx, digest canonical.Hash, why error) error {
	in, err := incomingBy(tx, digest)
	if err != nil {
		return err
	}
	if tx.Now().Sub(in.ReceivedAt) > forget {
		return o.refuse(tx, digest, why)
	}
	reason, err := keepFault(why)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE ledger_inbox SET attempts = attempts + 1, next_at = $2, reason = $3 WHERE digest = $1`, digest, tx.Now().Add(pauseAfter(in.attempts)), reason)
	return err
}

// refuse keeps why a message is not believed, and lets go of its bytes and of the
// oldest refusals.
func (o *Office) refuse(tx *store.Tx, digest canonical.Hash, why error) error {
	reason, err := keepFault(why)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE ledger_inbox SET state = $2, raw = NULL, next_at = NULL, reason = $3 WHERE digest = $1`, digest, Refused, reason); err != nil {
		return err
	}
	_, err = tx.Exec(`DELETE FROM ledger_inbox WHERE state = $1 AND n <= (SELECT COALESCE(MIN(n), 0) - 1 FROM
		(SELECT n FROM ledger_inbox WHERE state = $1 ORDER BY n DESC LIMIT $2) newest)`, Refused, mostRefused)
	return err
}

// handleNow lets the module act at once; what fails is tried again by Run.
func (o *Office) handleNow(ctx context.Context, in *Incoming) (*Incoming, bool, error) {
	if in.Next.IsZero() {
		return in, false, nil
	}
	if err := o.handle(ctx, in.Digest); err != nil {
		return in, false, err
	}
	err := o.store.Read(ctx, o.cfg.Now(), func(tx *store.Tx) (err error) {
		in, err = incomingBy(tx, in.Digest)
		return err
	})
	return in, false, err
}

// handle keeps what the bundles disclose and lets the module act, in one
// transaction with the mark that it is done.
func (o *Office) handle(ctx context.Context, digest canonical.Hash) error {
	d, err := o.Directory(ctx)
	if err != nil {
		return err
	}
	var in *Incoming
	err = o.store.Write(ctx, o.cfg.Now(), func(tx *store.Tx) (err error) {
		if in, err = incomingBy(tx, digest); err != nil {
			return err
		}
		if in == nil || in.State != Taken {
			return errGone
		}
		contents, err := in.Message.Open()
		if err != nil {
			return err
		}
		if err := keepBundles(tx, d, contents.Bundles); err != nil {
			return err
		}
		if in.Message.Kind == message.Acknowledgement {
			_, err = acknowledge(tx, in.Message.From, in.Message.Answers)
		} else if h := o.handlers[in.Message.Kind]; h != nil {
			err = h(tx, &Arrived{Message: in.Message, Contents: contents, Carrier: in.Carrier, ReceivedAt: in.ReceivedAt})
		} else {
			_, err = tx.Exec(`UPDATE ledger_inbox SET next_at = NULL, reason = NULL WHERE digest = $1`, digest)
			return err
		}
		if err == nil {
			_, err = tx.Exec(`UPDATE ledger_inbox SET state = $2, next_at = NULL, reason = NULL, handled_at = $3 WHERE digest = $1`, digest, Handled, tx.Now())
		}
		return err
	})
	if err == nil || errors.Is(err, errGone) || ctx.Err() != nil {
		return ctx.Err()
	}
	return o.notHandled(ctx, in, err)
}

// notHandled keeps why a handler did not do its work, and when it is asked again.
func (o *Office) notHandled(ctx context.Context, in *Incoming, why error) error {
	if in == nil {
		return why
	}
	if fault.KindOf(why) == fault.KindInternal {
		o.slog.Error("handle a message", "id", in.Message.ID, "from", in.Message.From, "error", why)
	}
	reason, err := keepFault(fmt.Errorf("%w", why))
	if err != nil {
		return err
	}
	next := store.OptTime(o.cfg.Now().Add(pauseAfter(in.attempts)))
	switch fault.KindOf(why) {
	case fault.KindInvalid, fault.KindForbidden, fault.KindTooLarge:
		next = nil
	}
	return o.store.Write(ctx, o.cfg.Now(), func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE ledger_inbox SET attempts = attempts + 1, next_at = $2, reason = $3 WHERE digest = $1 AND state = $4`, in.Digest, next, reason, Taken)
		return err
	})
}
