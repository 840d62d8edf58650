package certificate

import (
	"context"

	"adamas.example/internal/ledger"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
)

// TakeAllotted enters the ranges that stand in this node's own log for this station and
// are its Participant's authority's word, in its home log. What was stated before a
// backup was put back stays burnt. It gives how many are new.
func (s *Service) TakeAllotted(ctx context.Context, directory *trust.Directory) (taken int, err error) {
	var ranges []*statement.Statement
	err = s.read(ctx, func(tx *store.Tx) error {
		ranges = nil
		burnt, err := ledger.BurntUntil(tx)
		if err != nil {
			return err
		}
		said, err := ledger.Said(tx, statement.TypeNumberRange)
		if err != nil {
			return err
		}
		for _, e := range said {
			st, entered, err := allotted(tx, e)
			if err != nil {
				return err
			}
			r, ok := st.Body.(*statement.NumberRange)
			if entered || !ok || e.Index < 0 || r.Station != s.cfg.Station || r.Participant != st.Participant() ||
				!burnt.IsZero() && st.IssuedAt <= burnt.Unix() {
				continue
			}
			place := trust.Place{Origin: e.Origin, Index: uint64(e.Index)}
			if directory.ByAuthority(st, &place) != nil || directory.AtHome(r.Participant, place) != nil {
				continue // anybody's word may stand in a log; it allots nothing
			}
			ranges = append(ranges, st)
		}
		return nil
	})
	for _, st := range ranges {
		if err == nil {
			err = s.TakeRange(ctx, st)
			taken++
		}
	}
	return taken, err
}

// allotted reads a range from the ledger, and whether it is entered already.
func allotted(tx *store.Tx, e *ledger.Entry) (*statement.Statement, bool, error) {
	st, err := statement.Parse(e.Signed)
	if err != nil {
		return nil, false, err
	}
	var n int
	err = tx.QueryRow(`SELECT COUNT(*) FROM certificate_range WHERE id = $1`, canonical.Hash(st.Hash)).Scan(&n)
	return st, n > 0, err
}
