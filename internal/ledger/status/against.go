package status

import (
	"context"
	"errors"

	"adamas.example/verify/canonical"
	"adamas.example/verify/pack"
	"adamas.example/verify/statement"
)

// Differing is the first way in which somebody's count is not ours.
type Differing string

// The ways. Roots of logs are compared before anything is counted, by the caller,
// who has the trees.
const (
	Agrees   Differing = "agrees"
	OtherLog Differing = "other_log" // another tree at that size
	Lacks    Differing = "lacks"     // a statement that should have been selected is not there
	Exceeds  Differing = "exceeds"   // a statement is there that should not have been selected
	Count    Differing = "count"     // a snapshot without its pack: another number of statements
	Digest   Differing = "digest"    // the same number, other statements
)

// Against is what came of a comparison: the entry at which the two part, where it
// is known.
type Against struct {
	What      Differing            `json:"what"`
	Log       string               `json:"log,omitempty"`
	Index     *uint64              `json:"index,omitempty"`
	Statement *statement.Statement `json:"-"` // the one at that entry
	Theirs    uint64               `json:"theirs"`
	Ours      uint64               `json:"ours"` // number of statements
}

var errFound = errors.New("found")

// Compare selects again, from the logs, what a snapshot counts, and holds it against
// the snapshot and, where held is not nil, against the statements of its pack one by
// one. logs are those of the snapshot, at its sizes.
func Compare(ctx context.Context, s *statement.Snapshot, held *pack.Pack, logs []Log, spool func() (pack.Spool, error)) (*Against, error) {
	var sources []pack.Source
	for _, l := range logs {
		sources = append(sources, pack.Source{Vector: l.Vector, Scan: func(each func([]byte) error) error {
			return l.Scan(ctx, func(_ int64, leaves [][]byte) error {
				for _, leaf := range leaves {
					if err := each(leaf); err != nil {
						return err
					}
				}
				return nil
			})
		}})
	}
	d, err := pack.PrepareIn(nil, sources, spool)
	if err != nil {
		return nil, err
	}
	a := &Against{What: Agrees, Theirs: s.Count, Ours: d.Snapshot.Count}
	switch {
	case s.Count == d.Snapshot.Count && s.Digest == d.Snapshot.Digest:
		return a, nil
	case held != nil:
		return a, a.part(d, held, logs)
	case s.Count != d.Snapshot.Count:
		a.What = Count
	default:
		a.What = Digest
	}
	return a, nil
}

// part finds the first statement that only one of the two has.
func (a *Against) part(d *pack.Draft, held *pack.Pack, logs []Log) error {
	theirs := held.Entries
	err := d.Statements(func(log, index uint64, b []byte) error {
		origin := logs[log].Vector.Origin
		if len(theirs) > 0 && theirs[0].Origin == origin && theirs[0].Index == index && theirs[0].Statement.Hash == canonical.Sum(b) {
			theirs = theirs[1:]
			return nil
		}
		if len(theirs) > 0 && (theirs[0].Origin < origin || theirs[0].Origin == origin && theirs[0].Index < index) {
			a.What, a.Log, a.Index, a.Statement = Exceeds, theirs[0].Origin, &theirs[0].Index, theirs[0].Statement
			return errFound
		}
		st, err := statement.Parse(b)
		if err != nil {
			return err
		}
		a.What, a.Log, a.Index, a.Statement = Lacks, origin, &index, st
		return errFound
	})
	switch {
	case errors.Is(err, errFound):
		return nil
	case err == nil && len(theirs) > 0:
		a.What, a.Log, a.Index, a.Statement = Exceeds, theirs[0].Origin, &theirs[0].Index, theirs[0].Statement
	case err == nil:
		a.What = Digest
	}
	return err
}
