package exporting

import (
	"context"
	"errors"
	"time"

	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/fault"
	"adamas.example/internal/ledger"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
)

// deadlines are the last days of a certificate's terms.
type deadlines struct {
	expires period.Date // it may leave until then
	overdue period.Date // receipt should be confirmed by then; zero before export
	open    period.Date // delayed facts are withheld until then
}

// deadlines reckons from the file and the rules of the day: R-IMP-07, which is
// addressed to the importer, and R-OPN-01.
func (d *Desk) deadlines(f *filed) (t deadlines, err error) {
	t.expires = f.expires
	scope := d.scope(f.Counterpart)
	days, _, err := d.cfg.Rules.Days("R-OPN-01", "open-after-expiry", scope)
	if err != nil {
		return t, err
	}
	t.open = t.expires.AddDays(days)
	if f.exported == nil {
		return t, nil
	}
	if days, _, err = d.cfg.Rules.Days("R-IMP-07", "overdue-after", rule.Scope{Participant: f.Counterpart, Counterpart: d.participant(), On: d.today()}); err != nil {
		return t, err
	}
	t.overdue = f.exported.Day.AddDays(days)
	return t, nil
}

// due says when somebody has to look at a consignment that comes into a state.
func (d *Desk) due(f *filed, to consignment.State) (consignment.Change, error) {
	t, err := d.deadlines(f)
	if err != nil {
		return consignment.Change{}, err
	}
	at := time.Time{}
	switch to {
	case consignment.Issued:
		return consignment.Change{Due: t.expires.End()}, nil
	case consignment.Exported:
		at = t.overdue.End()
		if !f.opened && t.open < t.overdue {
			at = t.open.End()
		}
		return consignment.Change{Due: at}, nil
	case consignment.Received, consignment.Attested:
		at = d.cfg.Now().UTC()
	default:
		at = t.open.End()
	}
	if f.opened {
		return consignment.Change{NoDue: true}, nil
	}
	return consignment.Change{Due: at}, nil
}

// clockBy is the actor of what only time does.
var clockBy = consignment.By{Actor: "clock", Role: consignment.Clock}

// most bounds how many consignments one Tick looks at; the next goes on.
const most = 1000

// Tick does what is due: certificates that were not exported in time expire, those
// whose receipt nobody has confirmed lapse, delayed facts are opened. It may be
// called at any time, again after a crash, and by several; it gives how many acts
// were done. What fails is reported, and stops nothing else.
func (d *Desk) Tick(ctx context.Context) (done int, err error) {
	var failed error
	if _, err := d.Resume(ctx); err != nil {
		failed = errors.Join(failed, err)
	}
	var waiting []*consignment.Consignment
	err = d.read(ctx, func(tx *store.Tx) (err error) {
		waiting, err = consignment.DueBy(tx, d.cfg.Now().UTC(), most)
		return err
	})
	if err != nil {
		return 0, errors.Join(failed, err)
	}
	for _, c := range waiting {
		n, err := d.tick(ctx, c)
		done, failed = done+n, errors.Join(failed, err)
	}
	return done, failed
}

// tick does what is due of one consignment, one act after the other.
func (d *Desk) tick(ctx context.Context, c *consignment.Consignment) (done int, err error) {
	for ; done < 3; done++ {
		act, err := d.dueAct(ctx, c.ID)
		if err != nil || act == "" {
			return done, err
		}
		if act == consignment.Open {
			_, _, err = d.openAs(ctx, c.ID, clockBy, ledger.Signed)
		} else {
			err = d.pass(ctx, c.ID, act)
		}
		if fault.Is(err, "certificate.consignment_moved") || fault.Is(err, "certificate.opened_already") {
			return done, nil // somebody else was first
		}
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// dueAct is what time asks for next; "" for nothing.
func (d *Desk) dueAct(ctx context.Context, id string) (consignment.Act, error) {
	c, steps, err := d.Get(ctx, id)
	if err != nil {
		return "", err
	}
	may := consignment.May(c.State, consignment.Clock)
	if len(may) == 0 {
		return "", nil // of another side, or nothing that time does
	}
	f, err := read(c, steps)
	if err != nil {
		return "", err
	}
	t, err := d.deadlines(f)
	if err != nil {
		return "", err
	}
	today := d.today()
	for _, act := range may {
		switch {
		case act == consignment.Expire && today > t.expires,
			act == consignment.Lapse && today > t.overdue,
			act == consignment.Open && !f.opened && !c.Statement.IsZero() && (c.State == consignment.Received || c.State == consignment.Attested || today > t.open):
			return act, nil
		}
	}
	return "", nil
}

// pass does an act of the clock that states nothing.
func (d *Desk) pass(ctx context.Context, id string, act consignment.Act) error {
	return d.write(ctx, func(tx *store.Tx) error {
		c, steps, err := open(tx, id)
		if err != nil {
			return err
		}
		f, err := read(c, steps)
		if err != nil {
			return err
		}
		to := consignment.Expired
		if act == consignment.Lapse {
			to = consignment.Overdue
		}
		change, err := d.due(f, to)
		if err != nil {
			return err
		}
		return consignment.Move(tx, c, act, clockBy, nil, change)
	})
}
