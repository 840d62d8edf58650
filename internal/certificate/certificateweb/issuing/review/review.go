// Package review sets what was applied for beside what will be signed, for the officer who
// signs it.
//
// It may import what package issuing may.
package review

import (
	"fmt"
	"slices"
	"strings"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
	"adamas.example/verify"
)

// Line is one fact in both versions, in words.
type Line struct{ Name, Applied, Signed string }

// Differs tells whether both say something, and not the same.
func (l Line) Differs() bool { return l.Applied != "" && l.Applied != l.Signed }

// Lines compares an application with the certificate that was prepared of it.
func Lines(p *lang.Printer, a *exporting.Application, prepared *certificate.Prepared, said *verify.Facts) (out []Line) {
	cert := prepared.Certificate()
	t := func(key string) string { return p.T("certificate.issuing.f."+key, nil) }
	row := func(name, applied, signed string) { out = append(out, Line{name, applied, signed}) }
	row(p.T("certificate.issuing.col.number", nil), "", ident.CertificateNumber(cert.Number).Display())
	row(t("destination"), p.Participant(a.Destination), p.Participant(ident.ParticipantCode(cert.Destination)))
	row(p.T("certificate.issuing.issued", nil), "", p.Show(period.Date(cert.Issued)))
	row(p.T("certificate.issuing.expires", nil), "", p.Show(period.Date(cert.Expires)))
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
	return out
}

func party(v *verify.Party) string {
	if v == nil {
		return ""
	}
	return v.Name + ", " + v.Address
}

func hundredths(n uint64) measure.Carats {
	c, err := measure.FromHundredths(int64(n))
	if err != nil {
		return 0 // more than was ever mined: a certificate's form refuses it
	}
	return c
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
