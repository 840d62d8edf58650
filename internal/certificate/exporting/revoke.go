package exporting

import (
	"context"
	"fmt"
	"io"

	"adamas.example/internal/access"
	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting/fields"
	"adamas.example/internal/fault"
	"adamas.example/internal/ledger"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/verify"
	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/statement"
)

// delayedLabel picks the group of facts that is opened later.
func delayedLabel(l uint64) bool { return verify.Delayed(l) }

// Correction is how a minor error, apparent on the face of the paper, shall be read
// (R-CRT-11, DGFT Notification 34/2015-20).
type Correction struct {
	Field  string `json:"field"` // as in the facts: exporter, importer, ...
	Stands string `json:"stands"`
	Shall  string `json:"shall_read"`
	Reason string `json:"reason"`
}

// Endorse states that one field shall be read otherwise. What stands and what shall
// stand are committed and kept in the vault: a name may be among them. Faults:
// certificate.field_missing, field_form, those of consignment.Move.
func (d *Desk) Endorse(ctx context.Context, id string, o Officer, x Correction, want ledger.State) (*consignment.Consignment, *ledger.Entry, error) {
	c := &fields.Checker{}
	c.Need("field", x.Field, 60)
	c.Need("stands", x.Stands, 200)
	c.Need("shall_read", x.Shall, 200)
	c.Need("reason", x.Reason, 500)
	if err := c.Faults.Err(); err != nil {
		return nil, nil, err
	}
	fact, err := commitment.NewFact(1, []string{x.Stands, x.Shall})
	if err != nil {
		return nil, nil, fault.Invalid("certificate.draft", fault.Because(err))
	}
	seed := make([]byte, commitment.SeedSize)
	if _, err := io.ReadFull(d.cfg.Entropy, seed); err != nil {
		return nil, nil, fmt.Errorf("exporting: seed: %w", err)
	}
	disclosure := commitment.Disclosure{Seed: seed, Facts: []commitment.Fact{fact}}
	root, err := commitment.Commit(seed, disclosure.Facts)
	if err != nil {
		return nil, nil, err
	}
	return d.say(ctx, id, consignment.Endorse, o.by(), want, func(_ *store.Tx, _ *filed, about statement.About) (said, any, consignment.Change, error) {
		return said{body: &statement.Endorsement{About: about, Field: x.Field, Correction: root, Reason: x.Reason},
			keep: func(tx *store.Tx, in *ledger.Intent) error { return ledger.KeepIntended(tx, in, &disclosure, nil) }}, x, consignment.Change{}, nil
	})
}

// Cancel makes a certificate void that has not left: its particulars are wrong or
// have changed (Canada, SOR/2003-15 s. 12). The sheet is void, and what it used up is
// free. Faults: certificate.field_missing, those of consignment.Move.
func (d *Desk) Cancel(ctx context.Context, id string, o Officer, r Reasons, want ledger.State) (*consignment.Consignment, *ledger.Entry, error) {
	if err := r.checkStated(); err != nil {
		return nil, nil, err
	}
	return d.say(ctx, id, consignment.Cancel, o.by(), want, func(tx *store.Tx, f *filed, about statement.About) (said, any, consignment.Change, error) {
		if err := certificate.VoidNumber(tx, f.Number, o.ID, r.Reason); err != nil {
			return said{}, nil, consignment.Change{}, err
		}
		change, err := d.due(f, consignment.Void)
		return said{body: &statement.Void{About: about, Reason: r.Reason}}, r, change, err
	})
}

// checkStated wants a reason that fits a statement.
func (r Reasons) checkStated() error {
	c := &fields.Checker{}
	c.Need("reason", r.Reason, 500)
	return c.Faults.Err()
}

// Lost is the account of a certificate that was lost or stolen.
type Lost struct {
	Day    period.Date `json:"day"`
	Reason string      `json:"reason"`
}

// ReportLost warns everybody of a certificate that was lost or stolen.
func (d *Desk) ReportLost(ctx context.Context, id string, o Officer, x Lost, want ledger.State) (*consignment.Consignment, *ledger.Entry, error) {
	c := &fields.Checker{}
	c.Day("day", x.Day, d.today())
	c.Need("reason", x.Reason, 500)
	if err := c.Faults.Err(); err != nil {
		return nil, nil, err
	}
	return d.say(ctx, id, consignment.ReportLost, o.by(), want, func(_ *store.Tx, f *filed, about statement.About) (said, any, consignment.Change, error) {
		change, err := d.due(f, consignment.Lost)
		return said{body: &statement.Loss{About: about, Day: canonical.Day(x.Day), Reason: x.Reason}}, x, change, err
	})
}

// Reissued is why a certificate shall be replaced, and that its paper is back.
type Reissued struct {
	Reason      string `json:"reason"`
	Surrendered bool   `json:"old_surrendered"`
}

// replacedBy is the act in the file of the certificate that is replaced.
type replacedBy struct {
	Consignment string `json:"replaced_by_consignment"`
	Reissued
}

// Reissue begins the certificate that shall replace another: before export only,
// and against the old paper (R-CRT-09, Canada). The new file begins sealed, with the
// same goods; when its certificate is issued, the old one is replaced. Faults:
// certificate.not_surrendered, certificate.reissue_twice, those of consignment.Move.
func (d *Desk) Reissue(ctx context.Context, id string, o Officer, x Reissued) (c *consignment.Consignment, err error) {
	check := &fields.Checker{}
	check.Need("reason", x.Reason, 500)
	if err := check.Faults.Err(); err != nil {
		return nil, err
	}
	if !x.Surrendered {
		return nil, fault.Conflict("certificate.not_surrendered", fault.At("old_surrendered"), fault.Arg("consignment", id))
	}
	err = d.write(ctx, func(tx *store.Tx) error {
		old, steps, err := open(tx, id)
		if err != nil {
			return err
		}
		f, err := read(old, steps)
		if err != nil {
			return err
		}
		if f.replacedBy != "" && allowed(old.State, consignment.Reissue, o.Role) {
			if begun, err := consignment.Get(tx, f.replacedBy); err != nil || begun.State != consignment.Withdrawn && begun.State != consignment.Rejected {
				return cmpErr(err, fault.Conflict("certificate.reissue_twice", fault.Arg("consignment", id), fault.Arg("other", f.replacedBy)))
			}
		}
		next, err := d.newID(tx)
		if err != nil {
			return err
		}
		if err := consignment.Move(tx, old, consignment.Reissue, o.by(), replacedBy{next, x}, consignment.Change{}); err != nil {
			return err
		}
		begin := replacement{Consignment: id, Number: f.Number, Reason: x.Reason, Surrendered: x.Surrendered, Application: *f.app, Valuations: f.valuations, Tax: f.tax, Sealing: f.sealing}
		if begin.Sealing != nil && begin.Sealing.Number != "" {
			begin.Sealing.Number = "" // the containers get the new number: they are sealed again where the law wants it on them
		}
		by := consignment.By{Actor: o.ID, Role: o.Role}
		c, err = consignment.Begin(tx, consignment.Opening{ID: next, Counterpart: old.Counterpart, Kind: old.Kind}, consignment.Reissue, by, begin, consignment.Change{})
		if err != nil {
			return err
		}
		return consignment.Inherit(tx, id, next)
	})
	return c, err
}

func cmpErr(first, second error) error {
	if first != nil {
		return first
	}
	return second
}

// replace states that a certificate is replaced, in the transaction that issues the
// other one. The old sheet is void; its carats went with the goods.
func (d *Desk) replace(tx *store.Tx, r *replacement, by string, o Officer) (*ledger.Intent, error) {
	old, steps, err := open(tx, r.Consignment)
	if err != nil {
		return nil, err
	}
	f, err := read(old, steps)
	if err != nil {
		return nil, err
	}
	if err := certificate.VoidNumber(tx, r.Number, o.ID, r.Reason); err != nil {
		return nil, err
	}
	change, err := d.due(f, consignment.Replaced)
	if err != nil {
		return nil, err
	}
	about := statement.About{Number: old.Number, Certificate: old.Statement}
	return d.state(tx, old, consignment.Replace, consignment.By{Actor: o.ID, Role: access.Validator}, map[string]string{"by": by, "reason": r.Reason}, change,
		said{body: &statement.Replacement{About: about, By: by, Reason: r.Reason}})
}
