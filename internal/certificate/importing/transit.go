package importing

import (
	"context"
	"slices"

	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting/fields"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/ledger"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/verify/bundle"
	"adamas.example/verify/statement"
)

// Crossing is what the office reads of a shipment that passes through, on entry
// and on exit (KPCS III(d), R-TRN-01).
type Crossing struct {
	Place  string      `json:"place"`
	Day    period.Date `json:"day"`
	Seals  []SealFound `json:"seals"`
	Remark string      `json:"remark,omitempty"`
}

// Check wants place, every seal, and a day that has come: one that was mistyped for entry
// would make every day of exit too early. Faults: certificate.field_missing, field_form and
// field_future.
func (x Crossing) Check(today period.Date) error {
	var c fields.Checker
	c.Need("place", x.Place, 200)
	c.Day("day", x.Day, today)
	if len(x.Seals) == 0 {
		c.Missing("seals")
	}
	checkSeals(&c, x.Seals)
	c.May("remark", x.Remark, 500)
	return c.Faults.Err()
}

// Enter opens the file of a shipment in transit. Nothing is stated yet: a public
// note of its place would be a robber's.
func (d *Desk) Enter(ctx context.Context, o Officer, b *bundle.Bundle, x Crossing) (c *consignment.Consignment, err error) {
	if err := x.Check(d.today()); err != nil {
		return nil, err
	}
	st, cert, err := certificateOf(b)
	if err != nil {
		return nil, err
	}
	if here := string(d.cfg.Office.Participant()); cert.Destination == here || st.Participant() == here {
		return nil, fault.Invalid("certificate.no_transit", fault.Arg("number", cert.Number), fault.Arg("from", st.Participant()), fault.Arg("to", cert.Destination))
	}
	err = d.write(ctx, func(tx *store.Tx) error {
		if err := keepBundle(tx, b, cert); err != nil {
			return err
		}
		id, err := d.newID(tx)
		if err != nil {
			return err
		}
		c, err = consignment.Begin(tx, consignment.Opening{ID: id, Counterpart: ident.ParticipantCode(cert.Destination), Kind: cert.Kind}, consignment.Enter, o.by(), x,
			consignment.Change{Number: cert.Number, Statement: st.Hash})
		return err
	})
	return c, err
}

// Leave states that the shipment has left, and whether in the state in which it
// came: the same container seals, all of them whole, on entry and on exit. If not, a
// remark says what had changed. Faults: certificate.crossing_unsaid for a remark that is
// missing, certificate.crossing for a day before that of entry.
func (d *Desk) Leave(ctx context.Context, id string, o Officer, x Crossing, want ledger.State) (*consignment.Consignment, *ledger.Entry, error) {
	if err := x.Check(d.today()); err != nil {
		return nil, nil, err
	}
	_, steps, err := d.Get(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	var in Crossing
	if _, err := consignment.Last(steps, consignment.Enter, &in); err != nil {
		return nil, nil, fault.Conflict("certificate.not_arrived", fault.Arg("consignment", id), fault.Arg("state", consignment.None))
	}
	identical := sameSeals(in.Seals, x.Seals)
	if !identical && x.Remark == "" {
		return nil, nil, fault.Invalid("certificate.crossing_unsaid", fault.At("remark"))
	}
	if x.Day < in.Day {
		return nil, nil, fault.Invalid("certificate.crossing", fault.At("day"), fault.Arg("day", x.Day), fault.Arg("entered", in.Day))
	}
	return d.say(ctx, id, consignment.Leave, o.by(), x, consignment.Change{}, want, func(_ *store.Tx, _ *consignment.Consignment, about statement.About) (statement.Body, error) {
		return &statement.Transit{About: about, In: day(in.Day), Out: day(x.Day), Identical: identical, Remark: x.Remark}, nil
	})
}

func sameSeals(in, out []SealFound) bool {
	whole := func(s SealFound) bool { return s.Intact }
	if len(in) != len(out) || !allOf(in, whole) || !allOf(out, whole) {
		return false
	}
	return allOf(in, func(s SealFound) bool { return slices.Contains(out, s) })
}

func allOf(seals []SealFound, ok func(SealFound) bool) bool {
	return !slices.ContainsFunc(seals, func(s SealFound) bool { return !ok(s) })
}
