package exporting

import (
	"context"
	"errors"

	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/life"
	"adamas.example/internal/ledger"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/verify"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
)

// Heard is what the office has heard of one of its certificates, and what it made
// of it.
type Heard struct {
	Statement   canonical.Hash `json:"statement"`
	Number      string         `json:"number"`
	Issuer      string         `json:"issuer"`
	Type        statement.Type `json:"type"`
	Consignment string         `json:"consignment,omitempty"`
	Moved       bool           `json:"moved"`
	Why         string         `json:"why,omitempty"` // of a note: stranger, other_content, unknown_number, ...
}

// hearing is the particulars of the step: what the other side says.
type hearing struct {
	Issuer     string         `json:"issuer"`
	Statement  canonical.Hash `json:"statement"`
	Day        period.Date    `json:"day"`
	Hundredths uint64         `json:"hundredths,omitempty"` // as measured there
	Parcels    uint64         `json:"parcels,omitempty"`
	Certified  uint64         `json:"certified,omitempty"` // what the certificate says, hundredths
	Reason     string         `json:"reason,omitempty"`
	Under      string         `json:"under,omitempty"`
}

// Hear acts on what the registers of others say of this office's certificates: the
// followers (life.Follower) have read it, and the directory says who may speak. What
// comes from a stranger, or about other bytes, is noted and changes nothing; whose
// key is not known yet waits. It may be called at any time, and does nothing twice.
func (d *Desk) Hear(ctx context.Context, directory *trust.Directory) (out []Heard, err error) {
	if _, err := life.Settle(ctx, d.cfg.Ledger.Store(), d.cfg.Now(), directory); err != nil {
		return nil, err
	}
	for {
		var events []life.Event
		err := d.read(ctx, func(tx *store.Tx) (err error) {
			events, err = life.Unheard(tx, d.participant(), 256)
			return err
		})
		if err != nil || len(events) == 0 {
			return out, err
		}
		for i := range events {
			h, err := d.hear(ctx, &events[i])
			if err != nil {
				return out, err
			}
			if h != nil {
				out = append(out, *h)
			}
		}
	}
}

// acts are what a statement of the other side makes the consignment do.
var acts = map[statement.Type]consignment.Act{statement.TypeReceipt: consignment.HearReceived, statement.TypeDiscrepancy: consignment.HearDisputed}

var dispositions = map[statement.Step]consignment.Act{statement.Detained: consignment.HearDisputed, statement.Released: consignment.HearReleased,
	statement.Returned: consignment.HearSentBack, statement.Seized: consignment.HearForfeited, statement.Sold: consignment.HearForfeited,
	statement.Destroyed: consignment.HearForfeited}

// hear takes one statement, in one transaction with the row that says it was taken;
// nil when somebody else has taken it meanwhile.
func (d *Desk) hear(ctx context.Context, e *life.Event) (h *Heard, err error) {
	err = d.write(ctx, func(tx *store.Tx) error {
		h = &Heard{Statement: e.Statement, Number: e.Number, Issuer: e.Issuer, Type: e.Type}
		n, err := tx.Exec(`INSERT INTO certificate_heard (statement, number, issuer, type, outcome, why, heard_at) VALUES ($1, $2, $3, $4, 'noted', '', $5)
			ON CONFLICT (statement) DO NOTHING`, e.Statement, e.Number, e.Issuer, e.Type, tx.Now())
		if err != nil {
			return err
		}
		if n == 0 {
			h = nil
			return nil
		}
		if err := d.take(tx, e, h); err != nil {
			return err
		}
		outcome := "noted"
		if h.Moved {
			outcome = "moved"
		}
		_, err = tx.Exec(`UPDATE certificate_heard SET consignment = NULLIF($2, ''), outcome = $3, why = $4 WHERE statement = $1`, e.Statement, h.Consignment, outcome, h.Why)
		return err
	})
	return h, err
}

// take finds the consignment and moves it, or says why not.
func (d *Desk) take(tx *store.Tx, e *life.Event, h *Heard) error {
	c, err := d.own(tx, e.Number)
	if err != nil {
		return err
	}
	act := acts[e.Type]
	if e.Type == statement.TypeDisposition {
		act = dispositions[e.Step]
	}
	switch {
	case c == nil:
		h.Why = "unknown_number"
		return nil
	case c.Statement != e.Certificate:
		h.Consignment, h.Why = c.ID, "other_content"
		return nil
	case c.Counterpart != e.Participant:
		h.Consignment, h.Why = c.ID, "stranger"
		return nil
	case act == "":
		h.Consignment, h.Why = c.ID, "no_act"
		return nil
	}
	h.Consignment = c.ID
	steps, err := consignment.File(tx, c)
	if err != nil {
		return err
	}
	f, err := read(c, steps)
	if err != nil {
		return err
	}
	if f.heard[e.Statement.String()] {
		h.Moved = true // taken before the view was made anew
		return nil
	}
	if !allowed(c.State, act, consignment.Record) {
		h.Why = "too_late"
		return nil
	}
	h.Moved = true
	return d.hearAct(tx, f, e, act)
}

func (d *Desk) hearAct(tx *store.Tx, f *filed, e *life.Event, act consignment.Act) error {
	to := map[consignment.Act]consignment.State{consignment.HearReceived: consignment.Received, consignment.HearDisputed: consignment.Disputed,
		consignment.HearReleased: consignment.Exported, consignment.HearSentBack: consignment.SentBack, consignment.HearForfeited: consignment.Forfeited}[act]
	if to == consignment.Exported && f.exported == nil {
		f.exported = &Exported{Day: e.Day} // it has left, whatever this office has noted
	}
	change, err := d.due(f, to)
	if err != nil {
		return err
	}
	detail := hearing{Issuer: e.Issuer, Statement: e.Statement, Day: e.Day, Hundredths: e.Hundredths, Parcels: e.Parcels, Reason: e.Reason, Under: e.Other}
	if act == consignment.HearReceived {
		if detail.Certified, err = certified(tx, f.Statement); err != nil {
			return err
		}
	}
	return consignment.Move(tx, f.Consignment, act, consignment.By{Actor: e.Statement.String(), Role: consignment.Record}, detail, change)
}

// certified is the weight that a certificate of this office commits to; 0 when its
// facts were lost.
func certified(tx *store.Tx, st canonical.Hash) (uint64, error) {
	k, err := ledger.FromVault(tx, st)
	if err != nil || k == nil || k.Disclosure == nil || k.Statement == nil {
		return 0, err
	}
	cert, err := statement.Parse(k.Statement)
	if err != nil {
		return 0, err
	}
	body, ok := cert.Body.(*statement.Certificate)
	if !ok {
		return 0, errors.New("exporting: a certificate's hash is that of another statement")
	}
	open, err := k.Disclosure.Open(body.Facts)
	if err != nil {
		return 0, err
	}
	facts, err := verify.DecodeFacts(open)
	if err != nil || facts.Carats == nil {
		return 0, err
	}
	return *facts.Carats, nil
}

// own finds this office's export under a number; nil when there is none.
func (d *Desk) own(tx *store.Tx, number string) (*consignment.Consignment, error) {
	files, err := consignment.OfNumber(tx, number)
	if err != nil {
		return nil, err
	}
	for i := len(files) - 1; i >= 0; i-- {
		if files[i].Exports() && !files[i].Statement.IsZero() {
			return files[i], nil
		}
	}
	return nil, nil
}

// HeardOf lists what was heard of a number, oldest first.
func HeardOf(tx *store.Tx, number string) ([]Heard, error) {
	return store.Collect(tx, func(scan store.Scan) (h Heard, err error) {
		var st []byte
		var outcome string
		err = scan(&st, &h.Number, &h.Issuer, &h.Type, &h.Consignment, &outcome, &h.Why)
		copy(h.Statement[:], st)
		h.Moved = outcome == "moved"
		return h, err
	}, `SELECT statement, number, issuer, type, COALESCE(consignment, ''), outcome, why FROM certificate_heard WHERE number = $1 ORDER BY heard_at, statement`, number)
}

// Outward is goods that left and are to come back.
type Outward struct {
	Number      string      `json:"number"`
	Consignment string      `json:"consignment"`
	ReturnBy    period.Date `json:"return_by"`
	Out         uint64      `json:"out"`  // hundredths of a carat
	Back        uint64      `json:"back"` // what has come back of them
	LastBy      string      `json:"last_by,omitempty"`
}

// CameBack books what has come back under another certificate, in the transaction
// that confirms its receipt: what that certificate uses up of certificates of this
// office. Numbers that are none are passed over.
func CameBack(tx *store.Tx, by string, consumed []verify.Consumed) error {
	for _, c := range consumed {
		if _, err := tx.Exec(`UPDATE certificate_outward SET back = back + $2, last_by = $3 WHERE number = $1`, c.Number, c.Hundredths, by); err != nil {
			return err
		}
	}
	return nil
}

// NotReturned lists goods that should have come back before a day, longest first.
func NotReturned(tx *store.Tx, before period.Date) ([]Outward, error) {
	return store.Collect(tx, func(scan store.Scan) (o Outward, err error) {
		err = scan(&o.Number, &o.Consignment, (*int32)(&o.ReturnBy), &o.Out, &o.Back, &o.LastBy)
		return o, err
	}, `SELECT number, consignment, return_by, out, back, COALESCE(last_by, '') FROM certificate_outward WHERE return_by < $1 AND back < out ORDER BY return_by, number`, int64(before))
}
