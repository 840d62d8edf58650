package life

import (
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// Follower keeps the view.
type Follower struct{}

// Name is the follower's.
func (Follower) Name() string { return "certificate.life" }

// Reset empties the view.
func (Follower) Reset(tx *store.Tx) error {
	for _, q := range []string{`DELETE FROM certificate_life_pending`, `DELETE FROM certificate_life_event`, `DELETE FROM certificate_life`, `DELETE FROM certificate_life_transcript`, `DELETE FROM certificate_life_pair`} {
		if _, err := tx.Exec(q); err != nil {
			return err
		}
	}
	return nil
}

// event is what a later statement says, in the view's columns.
type event struct {
	step, day, hundredths, parcels uint64
	other, reason                  string
}

// eventOf reads a statement about a certificate. ok is false for one of a type that
// the view does not show.
func eventOf(b statement.Body) (e event, ok bool) {
	day := func(d canonical.Day) uint64 { return uint64(d) }
	switch b := b.(type) {
	case *statement.Opening:
	case *statement.Void:
		e.reason = b.Reason
	case *statement.Replacement:
		e.other, e.reason = b.By, b.Reason
	case *statement.Loss:
		e.day, e.reason = day(b.Day), b.Reason
	case *statement.Receipt:
		e.day, e.hundredths, e.parcels = day(b.Day), b.Carats, b.Parcels
	case *statement.Discrepancy:
		e.day, e.reason = day(b.Day), b.Reason
	case *statement.Disposition:
		e.step, e.day, e.other, e.reason = uint64(b.Step), day(b.Day), b.Under, b.Reason
	case *statement.Endorsement:
		e.reason = b.Reason
	case *statement.Attestation:
		e.day, e.hundredths, e.parcels, e.other = day(b.Day), b.Carats, b.Parcels, b.By
	case *statement.Transit:
		e.day, e.reason = day(b.Out), b.Remark
	default:
		return e, false
	}
	return e, true
}

// Apply enters a certificate, or what is said of one.
func (Follower) Apply(tx *store.Tx, e follow.Followed) error {
	st := e.Statement
	if st == nil {
		return nil
	}
	good := 0
	if e.Own {
		good = 1 // this node signed it, or took it into its own log
	}
	var n int64
	var err error
	of := st.Hash // of the certificate
	if c, ok := st.Body.(*statement.Certificate); ok {
		n, err = tx.Exec(`INSERT INTO certificate_life (statement, origin, number, participant, issuer, kind, destination, issued, expires, stated_at, synthetic, good)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (statement, origin) DO NOTHING`,
			st.Hash, e.Origin, c.Number, st.Participant(), st.Issuer, c.Kind, c.Destination, c.Issued, c.Expires, st.IssuedAt, st.Synthetic, good)
	} else if t, ok := st.Body.(*statement.Transcript); ok {
		n, err = enterTranscript(tx, e, t, good)
	} else if about, concerns := statement.Concerns(st.Body); concerns {
		x, shown := eventOf(st.Body)
		if !shown {
			return nil
		}
		of = about.Certificate
		n, err = tx.Exec(`INSERT INTO certificate_life_event (statement, origin, type, step, number, certificate, participant, issuer, day, hundredths, parcels,
			other, reason, stated_at, good) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT (statement, origin) DO NOTHING`,
			st.Hash, e.Origin, st.Type, x.step, about.Number, about.Certificate, st.Participant(), st.Issuer, x.day, x.hundredths, x.parcels,
			x.other, x.reason, st.IssuedAt, good)
	}
	switch {
	case err != nil || n == 0:
		return err
	case e.Own:
		return touch(tx, of)
	}
	_, err = tx.Exec(`INSERT INTO certificate_life_pending (statement, origin, idx, signed) VALUES ($1, $2, $3, $4)`, st.Hash, e.Origin, e.Index, e.Bytes)
	return err
}
