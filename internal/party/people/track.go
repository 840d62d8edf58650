package people

import (
	"context"

	"adamas.example/internal/access"
	"adamas.example/internal/ident"
	"adamas.example/internal/party/people/roster"
	"adamas.example/internal/party/people/trail"
	"adamas.example/internal/store"
)

// TrailWanted chooses rows of the trail. Before is the number to go on from, 0 for
// the newest; Person those about somebody or by him, empty for all.
type TrailWanted struct {
	Before int64
	Person ident.RecordID
	By     bool // by the person, rather than about him
}

// TrailPage is one page, newest first. Next is the Before of the page after it, 0
// when there is none.
type TrailPage struct {
	Rows []trail.Record
	Next int64
}

// Trail lists what was done. Administrators see all of the office's; everybody else
// what is about himself, whatever he asks for. Fault: people.session_over.
func (s *Service) Trail(ctx context.Context, v Visit, w TrailWanted) (page TrailPage, err error) {
	if v.Person.ID == "" {
		return page, errSessionOver()
	}
	if !roster.HoldsAny(v.Actor().Grants, access.Administrator) {
		w.Person, w.By = v.Person.ID, false
	}
	wanted := trail.Wanted{Before: w.Before, Limit: s.cfg.Limits.PagesOfList + 1}
	if w.By {
		wanted.Who = w.Person
	} else {
		wanted.About = w.Person
	}
	err = s.read(ctx, func(tx *store.Tx) error {
		rows, err := trail.List(tx, wanted)
		page = TrailPage{Rows: rows}
		if len(rows) == wanted.Limit {
			page.Rows = rows[:wanted.Limit-1]
			page.Next = page.Rows[len(page.Rows)-1].N
		}
		return err
	})
	return page, err
}

// TrailHead says how far the trail is, to be stated where others keep it.
func (s *Service) TrailHead(ctx context.Context) (h trail.Head, err error) {
	err = s.read(ctx, func(tx *store.Tx) (err error) {
		h, err = trail.HeadOf(tx)
		return err
	})
	return h, err
}

// CheckTrail goes through the whole trail. broken is the first row that is missing or
// not what it was, 0 when there is none.
func (s *Service) CheckTrail(ctx context.Context) (broken int64, h trail.Head, err error) {
	err = s.read(ctx, func(tx *store.Tx) (err error) {
		broken, h, err = trail.Check(tx)
		return err
	})
	return broken, h, err
}
