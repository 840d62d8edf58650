package exporting

import (
	"context"
	"slices"
	"strings"

	"adamas.example/internal/access"
	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
	"adamas.example/internal/ledger"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
	"adamas.example/verify"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// prepared is the particulars of a preparation.
type prepared struct {
	Number    string         `json:"number"`
	Validator string         `json:"validator"` // key id of the officer who shall issue it
	Expires   period.Date    `json:"expires"`
	Printed   string         `json:"origin_printed"` // in the form of the destination
	Rounding  measure.Carats `json:"rounding"`       // what the printed hundredths leave over
	Findings  []rule.Kept    `json:"findings"`
}

// Draft writes the certificate from the file. Nothing in it is typed again: weight
// and parcels are the application's, value and tariff lines those of the official
// valuation, container seals as they were closed. Weights are brought to printed
// hundredths by the largest remainder, so that every list still makes the whole.
// Fault certificate.no_official_value.
func (d *Desk) Draft(ctx context.Context, id string) (certificate.Draft, error) {
	c, steps, err := d.Get(ctx, id)
	if err != nil {
		return certificate.Draft{}, err
	}
	f, err := read(c, steps)
	if err != nil {
		return certificate.Draft{}, err
	}
	draft, _, err := d.draft(f)
	return draft, err
}

func (d *Desk) draft(f *filed) (certificate.Draft, measure.Carats, error) {
	none := certificate.Draft{}
	if f.app == nil {
		return none, 0, fault.Conflict("certificate.no_application", fault.Arg("consignment", f.ID))
	}
	official, ok, err := d.official(f)
	if err != nil {
		return none, 0, err
	}
	if !ok {
		return none, 0, fault.Conflict("certificate.no_official_value", fault.Arg("consignment", f.ID))
	}
	return d.draftOf(f, official)
}

// draftOf writes it with a valuation; without one (nil) by the application's own lines,
// and says no value: for a check before there is any.
func (d *Desk) draftOf(f *filed, official *certificate.Valuation) (certificate.Draft, measure.Carats, error) {
	none := certificate.Draft{}
	total, rounding := f.app.Carats().Hundredths()
	a := f.app
	valued := official != nil
	if !valued {
		official = &certificate.Valuation{Lines: a.Lines}
	}
	facts := verify.Facts{Carats: new(uint64(total)), Parcels: new(uint64(len(a.Parcels))), Exporter: a.Exporter.party(), Importer: a.Consignee.party(),
		Carriage: &verify.Carriage{Mode: a.Carriage.Mode, Carrier: a.Carriage.Carrier, Licence: a.Carriage.Licence.Number}, File: &f.head}
	for _, x := range a.Additions {
		facts.Additions = append(facts.Additions, verify.Addition{Field: x.Field, Value: x.Value})
	}
	if err := putWeights(&facts, total, a, official); err != nil {
		return none, 0, err
	}
	if !valued {
		facts.Value, facts.HSValues = nil, nil
	}
	draft := certificate.Draft{Destination: f.Counterpart, Kind: f.Kind, Offline: a.Offline, Dossier: d.dossier(f)}
	if f.sealing != nil {
		draft.Number = f.sealing.Number
		for _, x := range f.sealing.Containers {
			facts.Seals = append(facts.Seals, verify.Seal{Container: x.Container, Seal: x.Seal})
		}
	}
	draft.Facts = facts
	var err error
	draft.Custody, draft.Refs, err = custody(a)
	return draft, rounding, err
}

// putWeights brings every list of weights to hundredths that make the total.
func putWeights(facts *verify.Facts, total int64, a *Application, official *certificate.Valuation) error {
	var value uint64
	hs, err := measure.Split(total, weights(official.Lines, func(l certificate.ValuedLine) measure.Carats { return l.Carats }))
	if err != nil {
		return err
	}
	for i, l := range official.Lines {
		facts.HS = append(facts.HS, verify.Weight{Name: string(l.HS), Hundredths: uint64(hs[i])})
		facts.HSValues = append(facts.HSValues, verify.Cents{Name: string(l.HS), Cents: uint64(l.Value)})
		value += uint64(l.Value)
	}
	facts.Value = &value
	parcels, err := measure.Split(total, weights(a.Parcels, func(p Parcel) measure.Carats { return p.Carats }))
	if err != nil {
		return err
	}
	for i, p := range a.Parcels {
		facts.ParcelList = append(facts.ParcelList, verify.Parcel{Mark: p.Mark, Container: p.Container, Hundredths: uint64(parcels[i]), Stones: p.Stones})
	}
	parts, err := measure.Split(total, weights(a.Evidence, func(e certificate.Evidence) measure.Carats { return e.Carats }))
	if err != nil {
		return err
	}
	for i, e := range a.Evidence {
		addOrigin(facts, string(e.Origin), uint64(parts[i]))
		if e.Certificate != nil {
			addConsumed(facts, e.Certificate, uint64(parts[i]))
		}
	}
	return nil
}

func weights[T any](list []T, of func(T) measure.Carats) (out []measure.Carats) {
	for _, x := range list {
		out = append(out, of(x))
	}
	return out
}

// addOrigin adds to the set of origins: each country once, with all its carats.
func addOrigin(facts *verify.Facts, country string, hundredths uint64) {
	i := slices.IndexFunc(facts.Origin, func(w verify.Weight) bool { return w.Name == country })
	if i < 0 {
		facts.Origin = append(facts.Origin, verify.Weight{Name: country})
		i = len(facts.Origin) - 1
	}
	facts.Origin[i].Hundredths += hundredths
}

// addConsumed adds to the certificates that are used up: each once, whatever
// origins came under it.
func addConsumed(facts *verify.Facts, s *certificate.ImportSource, hundredths uint64) {
	i := slices.IndexFunc(facts.Consumed, func(c verify.Consumed) bool { return c.Number == string(s.Number) })
	if i < 0 {
		facts.Consumed = append(facts.Consumed, verify.Consumed{Number: string(s.Number), Statement: s.Statement})
		i = len(facts.Consumed) - 1
	}
	facts.Consumed[i].Hundredths += hundredths
}

// custody is the salted root over the slips: that of the one lot, or the hash over
// those of several in the order of the application. refs names their statements.
func custody(a *Application) (root canonical.Hash, refs []canonical.Hash, err error) {
	var roots []canonical.Hash
	for _, e := range a.Evidence {
		if e.Lot == nil || slices.Contains(roots, e.Lot.Root) {
			continue
		}
		roots = append(roots, e.Lot.Root)
		if !e.Lot.Statement.IsZero() && !slices.Contains(refs, e.Lot.Statement) {
			refs = append(refs, e.Lot.Statement)
		}
	}
	switch len(roots) {
	case 0:
		return root, refs, nil
	case 1:
		return roots[0], refs, nil
	}
	b, err := canonical.Marshal(roots)
	return canonical.Sum(b), refs, err
}

// dossier is what the file shows of the draft.
func (d *Desk) dossier(f *filed) certificate.Dossier {
	a := f.app
	out := certificate.Dossier{Exporter: a.Exporter.Licence, Carrier: a.Carriage.Licence, Evidence: a.Evidence, Valuations: f.valuations, Tax: f.tax, Sealing: f.sealing,
		Follows: a.Follows, Warranty: &certificate.Warranty{Declared: a.Declaration.Day, TextOf: a.Declaration.Warranty}}
	if r := f.replaces; r != nil {
		out.Replaces = &certificate.Replaces{Number: r.Number, Surrendered: r.Surrendered}
	}
	return out
}

// Prepare writes the certificate from the file, has every rule judge it, allots a
// sheet and takes the preparer's approval of the exact bytes. The sheet, the carats
// it uses up and the consignment's step are one transaction; a file that has changed
// since it was read is not certified. Where the approval did not come to be kept (the
// agent did not answer, the power failed), the same officer gives it by preparing once
// more. Faults: those of certificate.Prepare, certificate.Approve and of
// consignment.Move; certificate.field_missing (nobody is to issue it),
// certificate.no_official_value.
func (d *Desk) Prepare(ctx context.Context, id string, preparer keyring.Approver, validator statement.KeyID, seen int64) (*certificate.Prepared, error) {
	o := Officer{ID: preparer.ID().String(), Role: access.Validator, Seen: seen}
	c, steps, err := d.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if !allowed(c.State, consignment.Prepare, o.Role) {
		if c.State == consignment.Prepared {
			if p, err := d.cfg.Certificates.Prepared(ctx, c.Number); err == nil && !p.Approved() && p.Certificate().Validator == validator {
				return d.cfg.Certificates.Approve(ctx, c.Number, preparer)
			}
		}
		_, err := d.move(ctx, id, consignment.Prepare, o, nil, consignment.Change{}, nil)
		return nil, err
	}
	if validator == (statement.KeyID{}) {
		return nil, fault.Invalid("certificate.field_missing", fault.At("validator"))
	}
	f, err := read(c, steps)
	if err != nil {
		return nil, err
	}
	draft, rounding, err := d.draft(f)
	if err != nil {
		return nil, err
	}
	printed, _, _, err := certificate.Origins(d.cfg.Rules, d.participant(), f.Counterpart, d.today(), draft.Facts.Origin)
	if err != nil {
		return nil, err
	}
	if o.Seen == 0 {
		o.Seen = c.Steps
	}
	return d.cfg.Certificates.Prepare(ctx, draft, preparer, validator, func(tx *store.Tx, p *certificate.Prepared) error {
		now, err := consignment.Get(tx, id)
		if err != nil {
			return err
		}
		detail := prepared{Number: p.Number(), Validator: validator.String(), Expires: period.Date(p.Certificate().Expires), Printed: printed, Rounding: rounding,
			Findings: rule.Keep(p.Report())}
		return consignment.Move(tx, now, consignment.Prepare, o.by(), detail, consignment.Change{Number: p.Number()})
	})
}

// spoiled is the particulars of a sheet that was given up.
type spoiled struct {
	Number string `json:"number"`
	Reason string `json:"reason"`
}

// Spoil gives the sheet up before the certificate is issued: it jammed in the
// printer, or something has to be mended. The consignment is sealed again, and what
// it would have used up is free. Faults: those of certificate.Spoil and of
// consignment.Move.
func (d *Desk) Spoil(ctx context.Context, id string, o Officer, reason string) (c *consignment.Consignment, err error) {
	now, _, err := d.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if !allowed(now.State, consignment.Spoil, o.Role) {
		return d.move(ctx, id, consignment.Spoil, o, nil, consignment.Change{}, nil)
	}
	err = d.cfg.Certificates.Spoil(ctx, now.Number, o.ID, strings.TrimSpace(reason), func(tx *store.Tx) error {
		var steps []consignment.Step
		if c, steps, err = open(tx, id); err != nil {
			return err
		}
		f, err := read(c, steps)
		if err != nil {
			return err
		}
		if f.replaces != nil {
			if err := certificate.Respend(tx, f.replaces.Number); err != nil {
				return err
			}
		}
		return consignment.Move(tx, c, consignment.Spoil, o.by(), spoiled{Number: now.Number, Reason: reason}, consignment.Change{})
	})
	return c, err
}

// issued is the particulars of an issue.
type issued struct {
	Number  string      `json:"number"`
	Expires period.Date `json:"expires"`
}

// Issue spends the prepared certificate, by the second officer, and waits until it
// has come to the wanted state. Of two who issue at once, at two stations or in two
// processes, one wins and the other is told who and when. A certificate that
// replaces another makes that one void in the same transaction (R-CRT-09). Faults:
// those of certificate.Prepared and certificate.Issue, and of consignment.Move.
func (d *Desk) Issue(ctx context.Context, id string, validator keyring.Approver, seen int64, want ledger.State) (*ledger.Entry, error) {
	o := Officer{ID: validator.ID().String(), Role: access.Validator, Seen: seen}
	c, _, err := d.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if c.Number == "" {
		_, err := d.move(ctx, id, consignment.Issue, o, nil, consignment.Change{}, nil)
		return nil, err
	}
	p, err := d.cfg.Certificates.Prepared(ctx, c.Number)
	if err != nil {
		return nil, err
	}
	var old *ledger.Intent
	e, err := d.cfg.Certificates.Issue(ctx, p, validator, ledger.Signed, func(tx *store.Tx, p *certificate.Prepared) error {
		old = nil
		now, steps, err := open(tx, id)
		if err != nil {
			return err
		}
		f, err := read(now, steps)
		if err != nil {
			return err
		}
		f.expires = period.Date(p.Certificate().Expires)
		change, err := d.due(f, consignment.Issued)
		if err != nil {
			return err
		}
		if err := consignment.Move(tx, now, consignment.Issue, o.by(), issued{Number: p.Number(), Expires: f.expires}, change); err != nil {
			return err
		}
		if err := d.goOut(tx, f, p); err != nil || f.replaces == nil {
			return err
		}
		old, err = d.replace(tx, f.replaces, p.Number(), o)
		return err
	})
	if e != nil && e.Signed != nil { // issued, even when ctx has ended while waiting
		c.Number = p.Number()
		if bound := d.bind(context.WithoutCancel(ctx), c); err == nil {
			err = bound
		}
	}
	if err != nil {
		return e, err
	}
	if old != nil { // after the certificate that it names
		if err := d.cfg.Ledger.SignIntent(ctx, old, d.cfg.Signer); err != nil {
			return e, err
		}
	}
	return d.cfg.Ledger.Await(ctx, e.ID, want)
}

// goOut notes that goods left which are to come back.
func (d *Desk) goOut(tx *store.Tx, f *filed, p *certificate.Prepared) error {
	if !f.app.Kind.comesBack() {
		return nil
	}
	facts, err := p.Facts()
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO certificate_outward (number, consignment, return_by, out, back) VALUES ($1, $2, $3, $4, 0)`,
		p.Number(), f.ID, int64(f.app.ReturnBy), *facts.Carats)
	return err
}
