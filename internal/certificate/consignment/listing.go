package consignment

import (
	"slices"
	"strings"
	"time"

	"adamas.example/internal/store"
)

// importing are the states of the importing office's side, transit with it.
var importing = []State{Advised, Arrived, Verified, Confirmed, Discrepant, Detained, Returned, Seized, Disposed, InTransit, Passed}

// Imports tells whether the state is of the importing office's side, or of transit.
func (s State) Imports() bool { return slices.Contains(importing, s) }

// Place is where a list goes on: after the consignment that moved then.
type Place struct {
	Moved time.Time
	ID    string
}

// PlaceOf is a consignment's.
func PlaceOf(c *Consignment) Place { return Place{c.MovedAt, c.ID} }

// InAfter lists those in some states, longest waiting first, after a place.
func InAfter(tx *store.Tx, states []State, after Place, limit int) ([]*Consignment, error) {
	var out []*Consignment
	for _, s := range states { // one state at a time: the index is by state, and there are few
		more, err := store.Collect(tx, scan, `SELECT `+columns+` FROM certificate_consignment WHERE state = $1 AND (moved_at, id) > ($2, $3)
			ORDER BY moved_at, id LIMIT $4`, string(s), after.Moved, after.ID, limit)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	slices.SortFunc(out, func(a, b *Consignment) int {
		if n := a.MovedAt.Compare(b.MovedAt); n != 0 {
			return n
		}
		return strings.Compare(a.ID, b.ID)
	})
	return out[:min(len(out), limit)], nil
}

// Unmoved holds that a file still has the steps that somebody has seen, before anything
// is asked that an answer of another would change. Fault certificate.consignment_moved.
func Unmoved(tx *store.Tx, c *Consignment, seen int64) error {
	if seen != c.Steps {
		return errMoved(tx, c)
	}
	return nil
}
