package issuing

import (
	"fmt"
	"slices"
	"strings"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/internal/web/form"
	"adamas.example/verify"
	"adamas.example/verify/statement"
)

// showPrepare shows what stands in the way, and asks who shall issue.
func showPrepare(x *deed) error {
	var own statement.KeyID
	if o, err := x.officers.Of(x.by.Login); err == nil {
		own = o.Key
	}
	report, err := x.exports.Check(x.r.Context(), x.page.ID, own, statement.KeyID{})
	if err != nil {
		return err
	}
	data := x.checkData(x.p, x.file, report, x.roles(x.r))
	x.page.Told = slices.Concat(data.Missing, data.Told)
	x.page.Facts = []fact{{Name: x.t("col.number"), Text: data.Number, Mono: true}, {Name: x.t("expires"), Text: data.Expires}}
	x.page.Links = []link{{Path: "/issuing/" + x.page.ID + "/check", Text: x.t("check")}}
	var others []form.Option
	for _, o := range x.officers.All() {
		if o.Login != x.by.Login && o.Key != own {
			others = append(others, form.Option{Value: o.Key.String(), Text: o.Login})
		}
	}
	second := x.f.Select("validator", x.label("validator"), others).With(x.t("f.validator.hint"))
	if len(others) == 0 {
		x.page.Warn = x.t("no_second")
	}
	x.fields(second, x.passphrase())
	return nil
}

// showIssue shows the second officer everything that he will sign: the facts beside the
// application with what differs, and what every rule found.
func showIssue(x *deed) error {
	c := x.file.Consignment
	prepared, err := x.certificates.Prepared(x.r.Context(), c.Number)
	if err != nil {
		return err
	}
	if o, err := x.officers.Of(x.by.Login); err == nil && o.Key != prepared.Certificate().Validator {
		if o.Key == prepared.Certificate().Preparer {
			return fault.Forbidden("certificate.same_officer", fault.Arg("number", c.Number))
		}
		return fault.Forbidden("certificate.other_validator", fault.Arg("number", c.Number))
	}
	said, err := prepared.Facts()
	if err != nil {
		return err
	}
	x.page.Grids = []grid{review(x.p, x.file, prepared, said)}
	for f := range prepared.Report().All() {
		if f.Outcome != rule.Pass {
			x.page.Told = append(x.page.Told, x.finding(x.p, x.file, f, nil))
		}
	}
	passed := 0
	for f := range prepared.Report().All() {
		if f.Outcome == rule.Pass {
			passed++
		}
	}
	cert := prepared.Certificate()
	x.page.Facts = []fact{{Name: x.t("prepared_by"), Text: who(x.p, x.officers.All(), cert.Preparer.String(), "")}, {Name: x.t("rules_passed"), Text: x.p.Show(passed)},
		{Name: x.t("digest"), Text: prepared.Digest().String(), Mono: true}}
	if !prepared.Approved() {
		x.page.Warn = x.t("not_approved")
	}
	x.page.Links = []link{{Path: "/issuing/" + c.ID, Text: x.t("back")}}
	x.fields(x.passphrase())
	return nil
}

// review sets what was applied for beside what will be signed, and marks what differs.
func review(p *lang.Printer, f *exporting.File, prepared *certificate.Prepared, said *verify.Facts) grid {
	t := func(key string) string { return p.T("certificate.issuing.f."+key, nil) }
	g := grid{Caption: p.T("certificate.issuing.review", nil), Heads: []head{{p.T("certificate.issuing.review.field", nil), false}, {p.T("certificate.issuing.review.applied", nil), false},
		{p.T("certificate.issuing.review.signed", nil), false}, {p.T("certificate.issuing.review.differs", nil), false}}}
	row := func(name, applied, signed string) {
		differs := cell{}
		if applied != signed && applied != "" {
			m := tell
			differs = cell{Text: p.T("certificate.issuing.review.other", nil), Mark: &m}
		}
		g.add(cell{Text: name}, cell{Text: applied}, cell{Text: signed}, differs)
	}
	a, cert := &f.Application, prepared.Certificate()
	row(p.T("certificate.issuing.col.number", nil), "", ident.CertificateNumber(cert.Number).Display())
	row(t("destination"), p.Participant(a.Destination), p.Participant(ident.ParticipantCode(cert.Destination)))
	row(p.T("certificate.issuing.issued", nil), "", p.Show(period.Date(cert.Issued)))
	row(p.T("certificate.issuing.expires", nil), "", p.Show(period.Date(cert.Expires)))
	party := func(v *verify.Party) string {
		if v == nil {
			return ""
		}
		return v.Name + ", " + v.Address
	}
	row(t("exporter"), a.Exporter.Name+", "+a.Exporter.Address, party(said.Exporter))
	row(t("consignee"), a.Consignee.Name+", "+a.Consignee.Address, party(said.Importer))
	if said.Carats != nil {
		row(t("carats"), p.Show(a.Carats()), p.Show(hundredths(*said.Carats)))
	}
	if said.Parcels != nil {
		row(t("parcels"), p.Show(len(a.Parcels)), p.Show(*said.Parcels))
	}
	declared := certificate.Valuation{Lines: a.Lines}
	total, _ := declared.Total() // refused when it was applied for
	if said.Value != nil {
		row(t("value"), p.Show(total), p.Show(measure.USD(*said.Value)))
	}
	row(t("hs"), lines(p, a.Lines), tariff(p, said))
	row(t("origin"), origins(p, a), origin(p, said))
	var seals []string
	for _, s := range said.Seals {
		seals = append(seals, s.Container+" · "+s.Seal)
	}
	row(t("seals"), "", strings.Join(seals, "\n"))
	if said.Carriage != nil {
		row(t("carriage"), a.Carriage.Carrier, said.Carriage.Carrier)
	}
	var consumed []string
	for _, u := range said.Consumed {
		consumed = append(consumed, ident.CertificateNumber(u.Number).Display()+" · "+p.Show(hundredths(u.Hundredths)))
	}
	if len(consumed) > 0 {
		row(t("consumed"), "", strings.Join(consumed, "\n"))
	}
	return g
}

func lines(p *lang.Printer, all []certificate.ValuedLine) string {
	var out []string
	for _, l := range all {
		out = append(out, fmt.Sprintf("%s · %s, %s", l.HS, p.Show(l.Carats), p.Show(l.Value)))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

func tariff(p *lang.Printer, said *verify.Facts) string {
	var out []string
	for _, l := range said.HS {
		line := l.Name + " · " + p.Show(hundredths(l.Hundredths))
		for _, v := range said.HSValues {
			if v.Name == l.Name {
				line += ", " + p.Show(measure.USD(v.Cents))
			}
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

func origins(p *lang.Printer, a *exporting.Application) string {
	sums := map[ident.CountryCode]measure.Carats{}
	for _, e := range a.Evidence {
		sums[e.Origin] += e.Carats
	}
	var out []string
	for c, n := range sums {
		out = append(out, p.Country(c)+" · "+p.Show(n))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

func origin(p *lang.Printer, said *verify.Facts) string {
	var out []string
	for _, o := range said.Origin {
		out = append(out, p.Country(ident.CountryCode(o.Name))+" · "+p.Show(hundredths(o.Hundredths)))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}
