package exporting

import (
	"context"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting/fields"
	"adamas.example/internal/fault"
	"adamas.example/internal/measure"
	"adamas.example/internal/store"
)

// Value enters one valuation (domain.md 3.3): the government's, an independent
// expert's or the exporter's. Of several by one of them the last counts. The carats
// are those weighed for it: when they are not those of the application, the
// application is mended first. A new valuation makes a tax receipt and container
// seals of before count no more.
//
// Faults: certificate.field_missing, field_form, field_sum, field_twice,
// field_future, certificate.local_money, those of measure.
func (d *Desk) Value(ctx context.Context, id string, o Officer, v certificate.Valuation) (*consignment.Consignment, error) {
	if err := fields.Valuation(&v, d.today()); err != nil {
		return nil, err
	}
	return d.move(ctx, id, consignment.Value, o, v, consignment.Change{}, func(_ *store.Tx, f *filed) error {
		var weighed measure.Carats
		for _, l := range v.Lines {
			weighed, _ = weighed.Add(l.Carats)
		}
		c := &fields.Checker{}
		c.Sum("lines", weighed, f.app.Carats(), weighed == f.app.Carats())
		return c.Faults.Err()
	})
}

// official is the valuation that counts here (R-VAL-01). ok is false while it is
// not in the file.
func (d *Desk) official(f *filed) (v *certificate.Valuation, ok bool, err error) {
	method, _, err := d.cfg.Rules.Word("R-VAL-01", "method", d.scope(f.Counterpart))
	if err != nil {
		return nil, false, err
	}
	v, ok = certificate.OfficialValue(method, f.valuations)
	return v, ok, nil
}

// Settle enters the tax receipt, or the exemption with its reason (R-TAX-01). What
// was assessed is the official value. Faults: certificate.field_missing, field_form,
// field_future, certificate.no_official_value, certificate.tax_other_value.
func (d *Desk) Settle(ctx context.Context, id string, o Officer, t certificate.Tax) (*consignment.Consignment, error) {
	if err := fields.Tax(&t, d.today()); err != nil {
		return nil, err
	}
	return d.move(ctx, id, consignment.Tax, o, t, consignment.Change{}, func(_ *store.Tx, f *filed) error {
		v, ok, err := d.official(f)
		if err != nil {
			return err
		}
		if !ok {
			return fault.Conflict("certificate.no_official_value", fault.Arg("consignment", id))
		}
		total, err := v.Total()
		if err != nil {
			return err
		}
		if t.Exempt == "" && t.Assessed != total {
			return fault.Invalid("certificate.tax_other_value", fault.At("assessed_usd"), fault.Arg("assessed", t.Assessed), fault.Arg("value", total))
		}
		return nil
	})
}
