package exporting

import (
	"context"
	"slices"

	"adamas.example/internal/access"
	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/fault"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
	"adamas.example/verify/statement"
)

// File is what a consignment's file says now, for who works on it. It is a copy.
type File struct {
	Consignment *consignment.Consignment
	Steps       []consignment.Step
	Application Application
	Valuations  []certificate.Valuation // as they were entered; of one valuer the last counts
	Official    *certificate.Valuation  // that which counts; nil while it is missing
	Method      string                  // how it is found (R-VAL-01): government, highest
	Wanted      int64                   // how many valuations R-VAL-01 asks for
	Tax         *certificate.Tax
	Sealing     *certificate.Sealing
	Replaces    string // number of the certificate that this one shall replace
	ReplacesID  string
	ReplacedBy  string // the file that shall replace this one's certificate
	Exported    *Exported
	Expires     period.Date
	Overdue     period.Date           // receipt should be confirmed by then; zero before export
	Opened      bool                  // the delayed facts are public
	Levied      []certificate.TaxLine // what R-TAX-01 asks for on the official value
	Validator   string                // key id of the officer who shall issue; "" before it is prepared
}

// File reads a consignment's file. Faults: those of Get.
func (d *Desk) File(ctx context.Context, id string) (*File, error) {
	c, steps, err := d.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	f, err := read(c, steps)
	if err != nil {
		return nil, err
	}
	out := &File{Consignment: c, Steps: steps, Valuations: f.valuations, Tax: f.tax, Sealing: f.sealing, ReplacedBy: f.replacedBy, Exported: f.exported,
		Expires: f.expires, Opened: f.opened}
	if f.app == nil { // of another side
		return nil, fault.Conflict("certificate.no_application", fault.Arg("consignment", id))
	}
	out.Application = *f.app
	if f.replaces != nil {
		out.Replaces, out.ReplacesID = f.replaces.Number, f.replaces.Consignment
	}
	scope := d.scope(f.Counterpart)
	if out.Method, _, err = d.cfg.Rules.Word("R-VAL-01", "method", scope); err != nil {
		return nil, err
	}
	if out.Wanted, _, err = d.cfg.Rules.Count("R-VAL-01", "valuations", scope); err != nil {
		return nil, err
	}
	if v, ok := certificate.OfficialValue(out.Method, f.valuations); ok {
		out.Official = v
		if total, err := v.Total(); err != nil {
			return nil, err
		} else if out.Levied, err = certificate.Levied(d.cfg.Rules, scope, total, f.tax != nil && f.tax.Special); err != nil {
			return nil, err
		}
	}
	if c.State == consignment.Prepared {
		var p prepared
		if _, err := consignment.Last(steps, consignment.Prepare, &p); err != nil {
			return nil, err
		}
		out.Validator = p.Validator
	}
	if f.exported != nil {
		t, err := d.deadlines(f)
		if err != nil {
			return nil, err
		}
		out.Overdue = t.overdue
	}
	return out, nil
}

// Report is what a certificate still lacks, and what the rules say of it as it stands.
type Report struct {
	Missing []Missing // of the file, in the order in which it is done
	certificate.Checked
	Draft    *certificate.Draft
	Rounding measure.Carats
	// Provisional tells that no official value is there yet, and that the weights are
	// those of the application's own lines.
	Provisional bool
}

// Missing is one thing that the file lacks, who can give it and by which act.
type Missing struct {
	What   string // key of the words: application, valuation, tax, sealing
	Detail any    // what exactly: a field, a valuer
	Fault  error  // of an application's field
	Act    consignment.Act
	Who    access.RoleList
	Blocks bool // the certificate cannot be prepared without it
}

// Ready tells whether nothing stands in the way of preparing the certificate.
func (r *Report) Ready() bool {
	return !r.Report.Blocks() && r.Sheet == nil && !slices.ContainsFunc(r.Missing, func(m Missing) bool { return m.Blocks })
}

// Check says exactly what is missing before the certificate can be issued: what the
// file lacks, what any rule finds, whether a sheet is there. Nothing is spent by it. The
// officers may be zero while nobody is named.
func (d *Desk) Check(ctx context.Context, id string, preparer, validator statement.KeyID) (*Report, error) {
	c, steps, err := d.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	f, err := read(c, steps)
	if err != nil {
		return nil, err
	}
	if f.app == nil {
		return nil, fault.Conflict("certificate.no_application", fault.Arg("consignment", id))
	}
	out := &Report{}
	if err := f.app.Missing(d); err != nil {
		for _, one := range fault.All(err) {
			out.add(Missing{What: "application", Detail: one.Field, Fault: one, Act: consignment.Amend})
		}
	}
	_, official, err := d.official(f)
	if err != nil {
		return nil, err
	}
	have := map[certificate.Valuer]bool{}
	for _, v := range f.valuations {
		have[v.By] = true
	}
	for _, by := range []certificate.Valuer{certificate.ByGovernment, certificate.ByIndependent, certificate.ByExporter} {
		if !have[by] {
			out.add(Missing{What: "valuation", Detail: by, Act: consignment.Value, Blocks: !official})
		}
	}
	if f.tax == nil {
		out.add(Missing{What: "tax", Act: consignment.Tax, Blocks: true})
	}
	if f.sealing == nil {
		out.add(Missing{What: "sealing", Act: consignment.Seal, Blocks: true})
	}
	draft, rounding, err := d.draftAs(f, official)
	if err != nil {
		return nil, err
	}
	out.Draft, out.Rounding, out.Provisional = &draft, rounding, !official
	out.Checked, err = d.cfg.Certificates.Check(ctx, draft, preparer, validator)
	return out, err
}

// draftAs is the draft, or while no value counts yet one of the application's lines.
func (d *Desk) draftAs(f *filed, official bool) (certificate.Draft, measure.Carats, error) {
	if official {
		return d.draft(f)
	}
	return d.draftOf(f, nil)
}

func (r *Report) add(m Missing) {
	m.Who = consignment.Who(m.Act)
	r.Missing = append(r.Missing, m)
}
