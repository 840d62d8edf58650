package importing

import (
	"context"
	"strings"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting/fields"
	"adamas.example/internal/fault"
	"adamas.example/internal/ledger"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/statement"
)

// Measured is what the office found inside (KPCS Annex II 23).
type Measured struct {
	Carats     measure.Carats `json:"carats"`
	Parcels    uint64         `json:"parcels"`
	ParcelList []Weighed      `json:"parcel_list,omitempty"` // parcels that were weighed by themselves
	Value      *measure.USD   `json:"value_usd,omitempty"`   // where the office values again
	LotsOpened uint64         `json:"lots_opened"`
	Scale      string         `json:"scale"` // which scale; calibration explains benign differences
	Original   bool           `json:"original"`
	Remark     string         `json:"remark,omitempty"`
	Seals      []SealFound    `json:"seals,omitempty"`     // where the arrival was recorded unseen
	AsStated   bool           `json:"as_stated,omitempty"` // the officer left every figure as the certificate has it
}

// Weighed is one parcel.
type Weighed struct {
	Mark   string         `json:"mark"`
	Carats measure.Carats `json:"carats"`
	Stones uint64         `json:"stones,omitempty"`
}

// examined is the step's particulars.
type examined struct {
	Measured
	Because  string  `json:"because,omitempty"` // why it is accepted although something cannot be told
	Verdict  *judged `json:"verdict,omitempty"` // none of a paper from outside
	Findings []Found `json:"findings"`
}

func (m Measured) check() error {
	var c fields.Checker
	impossible := func(c *fields.Checker, field string, wrong bool, got any) {
		if wrong {
			c.Faults.Add(fault.Invalid("certificate.measured", fault.At(c.At(field)), fault.Arg("text", got)))
		}
	}
	var sum measure.Carats
	for i, p := range m.ParcelList {
		sum += p.Carats
		c.Within(fields.Each("parcel_list", i), func(c *fields.Checker) {
			c.Need("mark", p.Mark, 60)
			impossible(c, "carats", p.Carats <= 0, p.Carats)
		})
	}
	if len(c.Faults) == 0 { // else the whole is wrong too, and nobody has to be told
		impossible(&c, "carats", m.Carats <= 0, m.Carats)
	}
	impossible(&c, "parcels", m.Parcels == 0, m.Parcels)
	impossible(&c, "lots_opened", m.LotsOpened > m.Parcels, m.LotsOpened)
	c.Need("scale", m.Scale, 100)
	checkSeals(&c, m.Seals)
	c.May("remark", m.Remark, 500)
	if uint64(len(m.ParcelList)) == m.Parcels && sum != m.Carats {
		c.Faults.Add(fault.Invalid("certificate.measured_sum", fault.At("parcel_list"), fault.Arg("sum", sum), fault.Arg("carats", m.Carats)))
	}
	return c.Faults.Err()
}

// Examine records what was found inside, and whether the shipment may be
// confirmed. A rule that blocks leaves the shipment where it is: then a
// discrepancy is recorded. because is an officer's written reason to accept what
// the verifier cannot tell; it does not make an invalid certificate good.
//
// Faults: certificate.measured, measured_sum, field_missing and field_form, each with
// its field, certificate.import_blocked with each finding, certificate.import_invalid, certificate.import_undecided,
// certificate.presented_before.
func (d *Desk) Examine(ctx context.Context, id string, o Officer, m Measured, because string) (*consignment.Consignment, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	if paper, err := d.paperOf(ctx, id); err != nil || paper != nil {
		if err != nil {
			return nil, err
		}
		return d.examinePaper(ctx, id, o, paper, m, because)
	}
	b, first, err := d.held(ctx, id)
	if err != nil {
		return nil, err
	}
	v, err := d.cfg.Judge(ctx, b, d.cfg.Now())
	if err != nil {
		return nil, err
	}
	if err := acceptable(v, because); err != nil {
		return nil, err
	}
	if e := first.Earlier; e != nil {
		return nil, fault.Conflict("certificate.presented_before", fault.Arg("consignment", e.Consignment), fault.Arg("place", e.Place), fault.Arg("at", e.At))
	}
	report, err := d.findings(v, first, m)
	if err != nil {
		return nil, err
	}
	if report.Blocks() {
		return nil, errBlocked(report)
	}
	var all []rule.Finding
	for f := range report.All() {
		all = append(all, f)
	}
	return d.move(ctx, id, consignment.Examine, o.by(), examined{Measured: m, Because: because, Verdict: verdictOf(v), Findings: keep(all)}, consignment.Change{})
}

// findings runs the importer's rules over what is there.
func (d *Desk) findings(v *verify.Verdict, first *arrived, m Measured) (rule.Report, error) {
	st := v.Open
	f := &finder{set: d.cfg.Rules, scope: d.scope(partOf(st.From), d.today())}
	f.original(first.Original || m.Original, first.Day, d.today())
	var seals []verify.Seal
	if v.Shown != nil {
		seals = v.Shown.Seals
	}
	f.containers(seals, first.found(m))
	f.opened(m)
	f.measured(v.Shown, m)
	f.trade(d.cfg.Trade, partOf(st.From), d.cfg.Office.Participant(), d.today())
	return rule.NewReport(f.out...), f.err
}

// found are the container seals as somebody has looked at them.
func (a *Arrival) found(m Measured) []SealFound {
	if a.Unseen {
		return m.Seals
	}
	return a.Seals
}

// held gives the certificate of a consignment as this office holds it, and its
// arrival. Fault certificate.no_certificate.
func (d *Desk) held(ctx context.Context, id string) (b *bundle.Bundle, first *arrived, err error) {
	err = d.read(ctx, func(tx *store.Tx) error {
		c, err := consignment.Get(tx, id)
		if err != nil {
			return err
		}
		steps, err := consignment.File(tx, c)
		if err != nil {
			return err
		}
		first = &arrived{}
		if _, err := consignment.Last(steps, consignment.Arrive, first); err != nil {
			return fault.Conflict("certificate.not_arrived", fault.Arg("consignment", id), fault.Arg("state", c.State))
		}
		b, err = bundleOf(tx, c)
		return err
	})
	return b, first, err
}

// acceptable holds a verdict: valid goes; what cannot be told needs a reason.
func acceptable(v *verify.Verdict, because string) error {
	switch {
	case v.Outcome == verify.Valid:
		return nil
	case v.Outcome == verify.Invalid:
		return fault.Conflict("certificate.import_invalid", fault.Arg("number", number(v)), fault.Arg("checks", codes(v, verify.Invalid)))
	case strings.TrimSpace(because) == "":
		return fault.Conflict("certificate.import_undecided", fault.At("because"), fault.Arg("number", number(v)), fault.Arg("checks", codes(v, verify.CannotTell)))
	}
	return checkReason(because)
}

// checkReason wants a written reason that can be filed.
func checkReason(because string) error {
	var c fields.Checker
	c.May("because", because, 500)
	return c.Faults.Err()
}

func number(v *verify.Verdict) string {
	if v.Open == nil {
		return ""
	}
	return v.Open.Number
}

// Codes are checks of a verdict, named together in words.
type Codes []verify.Check

// TextKeys names the words of each: what the check asks.
func (c Codes) TextKeys() (keys []string) {
	for _, check := range c {
		keys = append(keys, "verify.check."+strings.ReplaceAll(string(check.Code), ".", "_"))
	}
	return keys
}

func codes(v *verify.Verdict, o verify.Outcome) (out Codes) {
	for _, c := range v.Checks {
		if c.Outcome == o {
			out = append(out, c)
		}
	}
	return out
}

// confirmed is the particulars of a confirmation (R-IMP-04, KPCS III(b)(ii)).
type confirmed struct {
	Number     string         `json:"certificate_number"`
	Parcels    uint64         `json:"number_of_parcels"`
	Carats     measure.Carats `json:"carat_weight"`
	Hundredths uint64         `json:"hundredths"`
	Rounding   measure.Carats `json:"rounding"` // what the printed hundredths leave over
	Importer   *verify.Party  `json:"importer,omitempty"`
	Exporter   *verify.Party  `json:"exporter,omitempty"`
	Day        period.Date    `json:"day"`
	Verdict    *judged        `json:"verdict,omitempty"`
	Because    string         `json:"because,omitempty"`
}

// Confirm states the receipt, which uses the certificate up, and books the
// weight. The certificate is judged once more: what was cancelled or received
// elsewhere since the examination is not confirmed. Faults: as Examine, those of
// the ledger.
func (d *Desk) Confirm(ctx context.Context, id string, o Officer, because string, want ledger.State) (*consignment.Consignment, *ledger.Entry, error) {
	if paper, err := d.paperOf(ctx, id); err != nil || paper != nil {
		if err != nil {
			return nil, nil, err
		}
		return d.confirmPaper(ctx, id, o, paper, because, want)
	}
	b, _, err := d.held(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	v, err := d.cfg.Judge(ctx, b, d.cfg.Now())
	if err != nil {
		return nil, nil, err
	}
	m, earlier, err := d.examination(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	if because == "" {
		because = earlier
	}
	if err := acceptable(v, because); err != nil {
		return nil, nil, err
	}
	h, rounding := m.Carats.Hundredths()
	detail := confirmed{Number: v.Open.Number, Parcels: m.Parcels, Carats: m.Carats, Hundredths: uint64(h), Rounding: rounding, Day: d.today(), Verdict: verdictOf(v), Because: because}
	if v.Shown != nil {
		detail.Importer, detail.Exporter = v.Shown.Importer, v.Shown.Exporter
	}
	return d.say(ctx, id, consignment.Confirm, o.by(), detail, consignment.Change{NoDue: true}, want,
		func(tx *store.Tx, c *consignment.Consignment, about statement.About) (statement.Body, error) {
			if err := certificate.Receive(tx, c.Number, c.Statement, uint64(h)); err != nil {
				return nil, err
			}
			return &statement.Receipt{About: about, Day: day(detail.Day), Carats: uint64(h), Parcels: m.Parcels}, nil
		})
}

// examination reads the newest examination of a consignment. Fault
// certificate.consignment_early by way of the machine when there is none.
func (d *Desk) examination(ctx context.Context, id string) (Measured, string, error) {
	c, steps, err := d.Get(ctx, id)
	if err != nil {
		return Measured{}, "", err
	}
	var e examined
	if _, err := consignment.Last(steps, consignment.Examine, &e); err != nil {
		return Measured{}, "", fault.Conflict("certificate.not_examined", fault.Arg("consignment", id), fault.Arg("state", c.State))
	}
	return e.Measured, e.Because, nil
}
