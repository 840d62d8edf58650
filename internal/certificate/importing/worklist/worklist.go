// Package worklist is what waits on the importing desk: its lists, and the limits that
// run on irregular shipments. It reads and does nothing.
//
// It may import importing and what lies below.
package worklist

import (
	"context"
	"slices"
	"strings"
	"time"

	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/ident"
	"adamas.example/internal/ledger"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
)

// Desk is whose lists they are.
type Desk struct {
	Ledger *ledger.Ledger
	Rules  rule.Set
	Office ident.OfficeID
	Now    func() time.Time
}

func (d *Desk) read(ctx context.Context, fn func(*store.Tx) error) error {
	return d.Ledger.Store().Read(ctx, d.Now(), fn)
}

func (d *Desk) scope(from ident.ParticipantCode) rule.Scope {
	return rule.Scope{Participant: d.Office.Participant(), Counterpart: from, On: period.DateOf(d.Now().UTC())}
}

func (d *Desk) inForce(id string, scope rule.Scope) bool {
	for r := range d.Rules.InForce(scope) {
		if r.ID == id {
			return true
		}
	}
	return false
}

// Waiting lists shipments in some states, longest waiting first, after a place in the
// list.
func (d *Desk) Waiting(ctx context.Context, states []consignment.State, after consignment.Place, limit int) (out []*consignment.Consignment, err error) {
	return out, d.read(ctx, func(tx *store.Tx) (err error) {
		out, err = consignment.InAfter(tx, states, after, limit)
		return err
	})
}

// mostCases bounds the list of open cases: an office with more has another trouble.
const mostCases = 2000

// Cases lists the irregular shipments on which somebody has to decide, that whose next
// clock runs out first before the others.
func (d *Desk) Cases(ctx context.Context) (out []*consignment.Consignment, err error) {
	out, err = d.Waiting(ctx, []consignment.State{consignment.Discrepant, consignment.Detained, consignment.Seized}, consignment.Place{}, mostCases)
	slices.SortStableFunc(out, func(a, b *consignment.Consignment) int {
		switch {
		case a.Due.IsZero() != b.Due.IsZero() && b.Due.IsZero():
			return -1
		case a.Due.IsZero() != b.Due.IsZero():
			return 1
		}
		return a.Due.Compare(b.Due)
	})
	return out, err
}

// OfNumber lists the importing office's shipments under a number, the newest first.
func (d *Desk) OfNumber(ctx context.Context, number string) (out []*consignment.Consignment, err error) {
	err = d.read(ctx, func(tx *store.Tx) error {
		all, err := consignment.OfNumber(tx, number)
		out = slices.DeleteFunc(all, func(c *consignment.Consignment) bool { return !c.State.Imports() })
		return err
	})
	slices.Reverse(out)
	return out, err
}

// On lists the shipments with which an act was done on a day, by number.
func (d *Desk) On(ctx context.Context, act consignment.Act, on period.Date) (out []*consignment.Consignment, err error) {
	return out, d.read(ctx, func(tx *store.Tx) (err error) {
		out, err = consignment.ActedIn(tx, act, on.Start(), on.End())
		return err
	})
}

// Late is a shipment for which something should have been done.
type Late struct {
	*consignment.Consignment
	Since time.Time // when it should have been
}

// mostLate bounds the list.
const mostLate = 5000

// Overdue lists what has arrived and was not confirmed in time (R-IMP-04), and what was
// announced and had not come when its certificate ended, the longest overdue first.
func (d *Desk) Overdue(ctx context.Context) (out []Late, err error) {
	here, err := d.Waiting(ctx, []consignment.State{consignment.Arrived, consignment.Verified}, consignment.Place{}, mostLate)
	if err != nil {
		return nil, err
	}
	now := d.Now()
	for _, c := range here {
		days, _, err := d.Rules.Days("R-IMP-04", "send-within", d.scope(c.Counterpart))
		if err != nil {
			return nil, err
		}
		if due := c.MovedAt.AddDate(0, 0, days); now.After(due) {
			out = append(out, Late{c, due})
		}
	}
	announced, err := d.Waiting(ctx, []consignment.State{consignment.Advised}, consignment.Place{}, mostLate)
	for _, c := range announced {
		if !c.Due.IsZero() && now.After(c.Due) {
			out = append(out, Late{c, c.Due})
		}
	}
	slices.SortStableFunc(out, func(a, b Late) int {
		if n := a.Since.Compare(b.Since); n != 0 {
			return n
		}
		return strings.Compare(a.ID, b.ID)
	})
	return out, err
}

// Clock is a limit that runs on an irregular shipment.
type Clock struct {
	Rule, Param string
	Until       period.Date
	Done        bool // what it is for has been done
}

// Clocks are the limits that run, those that are still open first, the next of them
// first.
func (d *Desk) Clocks(s *importing.Sight) (out []Clock) {
	scope := d.scope(s.Counterpart)
	var opened, seized period.Date
	told := false
	for _, x := range s.Decisions {
		switch x.Act {
		case consignment.Dispute:
			opened, told = x.Day, false
		case consignment.Seize:
			seized = x.Day
		}
		told = told || x.Report
	}
	if limit, _, err := d.Rules.Limit("R-IMP-08", "report-within", scope); opened != 0 && err == nil && d.inForce("R-IMP-08", scope) {
		out = append(out, Clock{"R-IMP-08", "report-within", limit.After(opened, nil), told})
	}
	if days, _, err := d.Rules.Days("R-IMP-05", "seizure-longest", scope); seized != 0 && err == nil {
		out = append(out, Clock{"R-IMP-05", "seizure-longest", seized.AddDays(days), s.State != consignment.Seized})
	}
	if limit, _, err := d.Rules.Limit("R-IMP-02", "original-within", scope); s.Arrival != nil && err == nil {
		seen := s.Arrival.Original || s.Measured != nil && s.Measured.Original
		out = append(out, Clock{"R-IMP-02", "original-within", limit.After(period.DateOf(s.ArrivedAt), nil), seen})
	}
	slices.SortStableFunc(out, func(a, b Clock) int {
		switch {
		case a.Done != b.Done && b.Done:
			return -1
		case a.Done != b.Done:
			return 1
		}
		return int(a.Until) - int(b.Until)
	})
	return out
}
