// Package letters tells exporting offices what the importing office has stated of their
// certificates.
//
// It may import importing and what lies below.
package letters

import (
	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/store"
	"adamas.example/verify/statement"
)

// Letters is a follower that tells the exporting office what this office has
// stated of its certificates: confirmation (KPCS III(b)(ii)) and notice of what
// is irregular. It follows the office's own statements, so a letter goes out
// once for each that is signed, whatever crashes between, and never before.
type Letters struct {
	Office string
	// Post puts a letter to an office into the outbox, in the transaction; kind is
	// "confirmation" or "notice".
	Post func(tx *store.Tx, to, kind string, statements [][]byte) error
}

// Name is the follower's.
func (*Letters) Name() string { return "certificate.letters" }

// Reset does nothing: a letter that has left is not unsent, and a view made anew
// finds its place again. Whoever gets one twice takes it once.
func (*Letters) Reset(*store.Tx) error { return nil }

// Apply posts a letter for an own statement about another's certificate.
func (l *Letters) Apply(tx *store.Tx, e follow.Followed) error {
	if !e.Own || e.Statement == nil || e.Statement.Issuer != l.Office {
		return nil
	}
	kind := "notice"
	switch e.Statement.Body.(type) {
	case *statement.Receipt:
		kind = "confirmation"
	case *statement.Discrepancy, *statement.Disposition, *statement.Transit:
	default:
		return nil
	}
	about, _ := statement.Concerns(e.Statement.Body)
	b, err := importing.HandedIn(tx, about.Certificate)
	if err != nil || b == nil {
		return err // a paper from elsewhere: its issuer has no office that could read this
	}
	cert, err := statement.Parse(b.Statement)
	if err != nil {
		return err
	}
	return l.Post(tx, cert.Issuer, kind, [][]byte{e.Bytes})
}
