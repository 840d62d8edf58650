package importing

import (
	"context"

	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting/fields"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/ledger"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/verify/statement"
)

// Irregular is a decision on a shipment that is not simply accepted.
type Irregular struct {
	Day    period.Date `json:"day"`
	Reason string      `json:"reason"`            // public, in the log
	Note   string      `json:"note,omitempty"`    // for the file alone
	Under  string      `json:"under,omitempty"`   // technical certificate under which the goods go back
	Legal  string      `json:"legal,omitempty"`   // paragraph of the national law
	Due    period.Date `json:"due_by,omitzero"`   // when it must be looked at again, as the rules have it
	Goods  string      `json:"goods,omitempty"`   // where they lie
	Papers []string    `json:"papers,omitempty"`  // SHA-256 of what is filed: photographs, reports
	Report bool        `json:"reported,omitzero"` // the issuer and, in the EU, the Commission were told
	Found  *Measured   `json:"found,omitempty"`   // what was measured and cannot be confirmed, for the file alone
}

// Check wants a day that has come and a public reason, and of the rest what can be filed.
// Faults: certificate.irregular, field_missing, field_form and field_future.
func (i Irregular) Check(act consignment.Act, today period.Date) error {
	var c fields.Checker
	c.Day("day", i.Day, today)
	c.Need("reason", i.Reason, 500)
	c.May("note", i.Note, 2000)
	c.May("legal", i.Legal, 300)
	c.May("goods", i.Goods, 300)
	if i.Under != "" {
		if _, err := ident.ParseNumber(i.Under); err != nil || act != consignment.Return {
			c.Faults.Add(fault.Invalid("certificate.irregular", fault.At("under"), fault.Text(i.Under)))
		}
	}
	return c.Faults.Err()
}

// Dispute states that what arrived is not what the certificate says, or that the
// certificate cannot be accepted (R-IMP-05, R-IMP-06). For goods without a
// certificate only the file tells of it.
func (d *Desk) Dispute(ctx context.Context, id string, o Officer, i Irregular, want ledger.State) (*consignment.Consignment, *ledger.Entry, error) {
	if err := i.Check(consignment.Dispute, d.today()); err != nil {
		return nil, nil, err
	}
	change, err := d.reportBy(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	return d.decide(ctx, id, consignment.Dispute, o, i, change, want, func(about statement.About) statement.Body {
		return &statement.Discrepancy{About: about, Day: day(i.Day), Reason: i.Reason}
	})
}

// reportBy is when the irregularity has to be reported (R-IMP-08), where a rule
// says so.
func (d *Desk) reportBy(ctx context.Context, id string) (change consignment.Change, err error) {
	c, _, err := d.Get(ctx, id)
	if err != nil {
		return change, err
	}
	scope := d.scope(c.Counterpart, d.today())
	f := &finder{set: d.cfg.Rules, scope: scope}
	if !f.inForce("R-IMP-08") {
		return change, nil
	}
	limit, _, err := d.cfg.Rules.Limit("R-IMP-08", "report-within", scope)
	if err == nil {
		change.Due = limit.After(d.today(), nil).End()
	}
	return change, err
}

// steps are the acts that state a disposition, and as what.
var steps = map[consignment.Act]statement.Step{
	consignment.Detain: statement.Detained, consignment.Release: statement.Released, consignment.Return: statement.Returned,
	consignment.Seize: statement.Seized, consignment.Sell: statement.Sold, consignment.Destroy: statement.Destroyed,
}

// Dispose does one of detain, release, return, seize, sell, destroy. The release
// of a shipment brings it back to its arrival: it is examined anew. Faults:
// certificate.irregular, field_missing, field_form and field_future, those of consignment.Move and of the ledger.
func (d *Desk) Dispose(ctx context.Context, id string, act consignment.Act, o Officer, i Irregular, want ledger.State) (*consignment.Consignment, *ledger.Entry, error) {
	step, ok := steps[act]
	if !ok {
		return nil, nil, fault.Usage("certificate.no_disposition", fault.Arg("act", act))
	}
	if err := i.Check(act, d.today()); err != nil {
		return nil, nil, err
	}
	c, _, err := d.Get(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	change := consignment.Change{NoDue: true}
	if act == consignment.Seize {
		// Where the law bounds a seizure (180 days in Canada) it comes up in time.
		if days, _, err := d.cfg.Rules.Days("R-IMP-05", "seizure-longest", d.scope(c.Counterpart, d.today())); isSet(err) {
			i.Due = i.Day.AddDays(days)
			change = consignment.Change{Due: i.Due.End()}
		}
	}
	return d.decide(ctx, id, act, o, i, change, want, func(about statement.About) statement.Body {
		return &statement.Disposition{About: about, Step: step, Day: day(i.Day), Reason: i.Reason, Under: i.Under}
	})
}

// decide states a decision, or files it where there is no certificate to state
// it of.
func (d *Desk) decide(ctx context.Context, id string, act consignment.Act, o Officer, i Irregular, change consignment.Change, want ledger.State,
	body func(statement.About) statement.Body) (*consignment.Consignment, *ledger.Entry, error) {
	c, _, err := d.Get(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	if c.Statement.IsZero() {
		c, err = d.move(ctx, id, act, o.by(), i, change)
		return c, nil, err
	}
	return d.say(ctx, id, act, o.by(), i, change, want, func(_ *store.Tx, _ *consignment.Consignment, about statement.About) (statement.Body, error) {
		return body(about), nil
	})
}
