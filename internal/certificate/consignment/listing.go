package consignment

import (
	"slices"

	"adamas.example/internal/store"
)

// importing are the states of the importing office's side, transit with it.
var importing = []State{Advised, Arrived, Verified, Confirmed, Discrepant, Detained, Returned, Seized, Disposed, InTransit, Passed}

// Imports tells whether the state is of the importing office's side, or of transit.
func (s State) Imports() bool { return slices.Contains(importing, s) }

// PlaceOf is a consignment's.
func PlaceOf(c *Consignment) Place { return Place{c.MovedAt, c.ID} }

// InAfter lists those in some states, longest waiting first, after a place.
func InAfter(tx *store.Tx, states []State, after Place, limit int) ([]*Consignment, error) {
	found, err := List(tx, Query{States: states, After: after, Most: limit})
	out := make([]*Consignment, len(found))
	for i := range found {
		out[i] = &found[i].Consignment
	}
	return out, err
}

// Unmoved holds that a file still has the steps that somebody has seen, before anything
// is asked that an answer of another would change. Fault certificate.consignment_moved.
func Unmoved(tx *store.Tx, c *Consignment, seen int64) error {
	if seen != c.Steps {
		return errMoved(tx, c)
	}
	return nil
}

// Keyed lists the shipments that came with a paper certificate from outside, which was
// keyed here, latest moved first.
func Keyed(tx *store.Tx) ([]*Consignment, error) {
	return store.Collect(tx, scan, `SELECT `+columns+` FROM certificate_consignment c WHERE id IN (SELECT consignment FROM certificate_keyed) ORDER BY moved_at DESC, id`)
}
