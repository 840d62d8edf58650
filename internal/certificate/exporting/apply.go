package exporting

import (
	"context"

	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting/fields"
	"adamas.example/internal/fault"
	"adamas.example/internal/store"
)

// Apply opens a file with an application (KPCS Annex II 17). What is missing is
// said field by field, and nothing is opened. Faults: certificate.field_missing,
// field_form, field_sum, field_twice, field_future, destination_here,
// evidence_one, return_of_nothing.
func (d *Desk) Apply(ctx context.Context, o Officer, a Application) (c *consignment.Consignment, err error) {
	return d.apply(ctx, o, a, nil)
}

func (d *Desk) apply(ctx context.Context, o Officer, a Application, also Within) (c *consignment.Consignment, err error) {
	if err := a.Missing(d); err != nil {
		return nil, err
	}
	err = d.write(ctx, func(tx *store.Tx) error {
		id, err := d.newID(tx)
		if err != nil {
			return err
		}
		c, err = consignment.Begin(tx, consignment.Opening{ID: id, Counterpart: a.Destination, Kind: kinds[a.Kind]}, consignment.Apply, o.by(), a, consignment.Change{})
		if err != nil || also == nil {
			return err
		}
		return also(tx, c)
	})
	return c, err
}

// Amend puts a mended application in the place of the one before, which stays in
// the file. Destination and kind are the file's: for others a new one is opened.
// also may be nil. Faults: as Apply; certificate.amend_other, those of also.
func (d *Desk) Amend(ctx context.Context, id string, o Officer, a Application, also Within) (*consignment.Consignment, error) {
	if err := a.Missing(d); err != nil {
		return nil, err
	}
	return d.move(ctx, id, consignment.Amend, o, a, consignment.Change{}, func(tx *store.Tx, f *filed) error {
		if f.Counterpart != a.Destination || f.Kind != kinds[a.Kind] {
			return fault.Conflict("certificate.amend_other", fault.Arg("consignment", id), fault.Arg("participant", f.Counterpart))
		}
		if also == nil {
			return nil
		}
		return also(tx, f.Consignment)
	})
}

// Within is what else is done in the transaction of an act.
type Within func(tx *store.Tx, c *consignment.Consignment) error

// ApplyFor is Apply for an owner. Faults: as Apply; those of also.
func (d *Desk) ApplyFor(ctx context.Context, o Officer, by consignment.Owner, a Application, also Within) (*consignment.Consignment, error) {
	return d.apply(ctx, o, a, func(tx *store.Tx, c *consignment.Consignment) error {
		if err := consignment.Own(tx, c.ID, by); err != nil || also == nil {
			return err
		}
		return also(tx, c)
	})
}

// AmendFor is Amend by the owner's company: another's file is not there. Faults: as
// Amend; certificate.unknown_consignment, those of also.
func (d *Desk) AmendFor(ctx context.Context, id string, o Officer, by consignment.Owner, a Application, also Within) (*consignment.Consignment, error) {
	return d.Amend(ctx, id, o, a, func(tx *store.Tx, c *consignment.Consignment) error {
		if err := consignment.Mine(tx, c.ID, by.Company); err != nil || also == nil {
			return err
		}
		return also(tx, c)
	})
}

// Reasons is why an application is sent back, refused or withdrawn: in words, and
// for single fields (Canada gives notice with written reasons).
type Reasons struct {
	Reason string        `json:"reason"`
	Fields []FieldReason `json:"fields,omitempty"`
}

// FieldReason is what is wrong with one field of the application.
type FieldReason struct {
	Field  string `json:"field"`
	Reason string `json:"reason"`
}

func (r Reasons) check(byField bool) error {
	c := &fields.Checker{}
	c.Need("reason", r.Reason, 1000)
	if byField && len(r.Fields) == 0 {
		c.Missing("fields")
	}
	for i, f := range r.Fields {
		c.Within(fields.Each("fields", i), func(c *fields.Checker) {
			c.Need("field", f.Field, 100)
			c.Need("reason", f.Reason, 500)
		})
	}
	return c.Faults.Err()
}

// FindDeficient sends an application back with reasons, field by field.
func (d *Desk) FindDeficient(ctx context.Context, id string, o Officer, r Reasons) (*consignment.Consignment, error) {
	if err := r.check(true); err != nil {
		return nil, err
	}
	return d.move(ctx, id, consignment.FindDeficient, o, r, consignment.Change{}, nil)
}

// Reject refuses an application for good, with written reasons.
func (d *Desk) Reject(ctx context.Context, id string, o Officer, r Reasons) (*consignment.Consignment, error) {
	if err := r.check(false); err != nil {
		return nil, err
	}
	return d.move(ctx, id, consignment.Reject, o, r, consignment.Change{}, nil)
}

// Withdraw is the exporter's, before a sheet is allotted.
func (d *Desk) Withdraw(ctx context.Context, id string, o Officer, r Reasons) (*consignment.Consignment, error) {
	if err := r.check(false); err != nil {
		return nil, err
	}
	return d.move(ctx, id, consignment.Withdraw, o, r, consignment.Change{}, nil)
}
