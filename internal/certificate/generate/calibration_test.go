package generate

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"adamas.example/internal/certificate/generate/chance"
	"adamas.example/verify/statement"
)

// yearly adds up lines of the true totals.
type yearly struct{ certificates, hundredths, cents, domestic, ended int64 }

// sums adds up certificates by year and Participant; "ZZ" is all of them.
// Weights and values leave out what was cancelled, replaced or lost.
func sums(totals []Total) (issued, received map[codeYear]yearly) {
	issued, received = map[codeYear]yearly{}, map[codeYear]yearly{}
	for _, l := range totals {
		for _, code := range []string{l.Participant, "ZZ"} {
			k := codeYear{code, l.Quarter.Year}
			switch l.Flow {
			case flowIssued:
				s := issued[k]
				issued[k] = yearly{s.certificates + l.Certificates, s.hundredths + l.Hundredths, s.cents + l.Cents, s.domestic + l.Domestic, s.ended}
			case flowEnded:
				s := issued[k]
				issued[k] = yearly{s.certificates, s.hundredths - l.Hundredths, s.cents - l.Cents, s.domestic - l.Domestic, s.ended + l.Certificates}
			case flowReceived:
				s := received[k]
				received[k] = yearly{s.certificates + l.Certificates, s.hundredths + l.Hundredths, s.cents + l.Cents, 0, 0}
			}
		}
	}
	return issued, received
}

// comparison is a table of what was made beside what the figures say.
type comparison struct {
	t    *testing.T
	text strings.Builder
}

// near compares; within is the part by which the made figure may be off.
func (c *comparison) near(what string, got, want, within float64) {
	off := got/want - 1
	mark := ""
	if math.Abs(off) > within || math.IsNaN(off) {
		mark = "  <-- too far"
		c.t.Errorf("%s: %.4g, the figures say %.4g: off by %.1f %%, allowed %.1f %%", what, got, want, off*100, within*100)
	}
	fmt.Fprintf(&c.text, "%-58s %14.4g %14.4g %+7.1f %% (%.0f %%)%s\n", what, got, want, off*100, within*100, mark)
}

// TestCalibration makes a world of twenty years and holds it against the tables.
// The tolerances are for its size: a few certificates of a small Participant
// are a matter of chance.
func TestCalibration(t *testing.T) {
	c := Config{From: day("2006-01-01"), Until: day("2025-12-31"), Count: 40_000, Seed: "calibration"}
	if testing.Short() {
		c.From, c.Until, c.Count = day("2012-01-01"), day("2019-12-31"), 16_000
	}
	m := generate(t.Context(), t, t.TempDir(), c)
	w, err := newWorld(c)
	if err != nil {
		t.Fatal(err)
	}
	issued, received := sums(m.report.Totals)
	scale := func(n int64) float64 { return float64(n) * float64(c.Count) * 100 / float64(w.quotas.all) }
	cmp := &comparison{t: t}
	fmt.Fprintf(&cmp.text, "SYNTHETIC: %d certificates; made, wanted, off (allowed)\n", m.report.Certificates)
	for year := c.From.Year(); year <= c.Until.Year(); year++ {
		all := issued[codeYear{"ZZ", year}]
		cmp.near(fmt.Sprintf("certificates of %d", year), float64(all.certificates), scale(w.tables.world[year].certificates), 0.005)
		cmp.near(fmt.Sprintf("carats traded in %d", year), float64(all.hundredths)/100, scale(w.tables.world[year].hundredths)/100, 0.10)
	}
	w.compareSpans(cmp, c, issued, received, scale)
	india := issued[codeYear{"IN", 2014}]
	cmp.near("certificates issued by India in 2014 [S15]", float64(india.certificates), scale(3129), 0.35)
	for _, year := range []int{2017, 2019} { // domain.md 10.1
		all := issued[codeYear{"ZZ", year}]
		cmp.near(fmt.Sprintf("mean carats of a certificate in %d", year), float64(all.hundredths)/100/float64(all.certificates-all.ended),
			map[int]float64{2017: 6972, 2019: 7082}[year], 0.10)
	}
	m.compareRates(cmp, w)
	t.Log("\n" + cmp.text.String())
	perYear := float64(m.report.Certificates) / float64(c.Until.Year()-c.From.Year()+1)
	if float64(m.report.mostEvents) > perYear/2 || float64(m.report.mostLots) > perYear*2 {
		t.Errorf("%d events and %d lots at a time, with %.0f certificates a year: memory grows", m.report.mostEvents, m.report.mostLots, perYear)
	}
}

// compareSpans holds Participants against their figures over all years.
func (w *worldState) compareSpans(cmp *comparison, c Config, issued, received map[codeYear]yearly, scale func(int64) float64) {
	var allMade, allFigures float64
	for _, code := range []string{"RU", "BW", "CD", "AU", "CA", "ZA", "AO", "NA", "SL"} {
		var made, figure, cents, value float64
		var certificates int64
		for year := c.From.Year(); year <= c.Until.Year(); year++ {
			s, m := issued[codeYear{code, year}], w.tables.mined(code, year)
			certificates += s.certificates
			made, figure = made+float64(s.domestic), figure+scale(m.hundredths)
			cents, value = cents+float64(s.cents)*float64(s.domestic)/float64(max(1, s.hundredths)), value+scale(m.cents)
		}
		cmp.near(code+": carats of own production", made/100, figure/100, max(0.15, w.chanceOf(certificates)))
		cmp.near(code+": US$ per carat", cents/made, value/figure, 0.20)
		allMade, allFigures = allMade+made, allFigures+figure
	}
	cmp.near("these nine: carats of own production", allMade/100, allFigures/100, 0.06) // thousands of certificates: little is left to chance
	for _, code := range []string{"EU", "AE", "IN", "IL"} {
		var out, figure, in, part float64
		for year := c.From.Year(); year <= c.Until.Year(); year++ {
			s := issued[codeYear{code, year}]
			out += float64(s.hundredths - s.domestic)
			figure += scale(w.planYear(year).reexports[w.indexOf(code)])
			_, permille := w.tables.trader(code, year)
			in += float64(received[codeYear{code, year}].hundredths)
			part += scale(chance.Share(w.tables.world[year].hundredths, permille, chance.Million))
		}
		cmp.near(code+": carats re-exported", out/100, figure/100, 0.12)
		cmp.near(code+": carats imported", in/100, part/100, 0.12)
	}
}

// chanceOf is by which part the sum of so many weights may be off by chance alone:
// three standard deviations of a sum of lognormal ones.
func (w *worldState) chanceOf(certificates int64) float64 {
	sigma := float64(w.rate("weight_spread")) / chance.Million
	return 3 * math.Sqrt(math.Expm1(sigma*sigma)/float64(certificates))
}

func (w *worldState) indexOf(code string) int {
	for i, p := range w.parties {
		if p.code == code {
			return i
		}
	}
	return -1
}

// compareRates counts what befell the certificates, and on which days.
func (m *made) compareRates(cmp *comparison, w *worldState) {
	counts := map[string]float64{}
	weekdays := [7]float64{}
	for _, e := range m.entries {
		switch b := e.Statement.Body.(type) {
		case *statement.Certificate:
			if b.Kind != statement.KindReturn && b.Kind != statement.KindTechnical {
				counts["certificates"]++
			}
			if b.Kind == statement.KindTemporary {
				counts["temporary"]++
			}
			weekdays[first(b.Issued).Weekday()]++
		case *statement.Void:
			counts["void"]++
		case *statement.Replacement:
			counts["replaced"]++
		case *statement.Discrepancy:
			if strings.Contains(b.Reason, "a paper with this number") {
				counts["false"]++
			} else {
				counts["discrepancy"]++
			}
		}
	}
	for _, r := range []struct {
		name   string
		within float64
	}{{"void", 0.25}, {"replaced", 0.3}, {"discrepancy", 0.25}, {"temporary", 0.15}, {"false", 0.9}} {
		cmp.near(r.name+" per million certificates", counts[r.name]*chance.Million/counts["certificates"], float64(w.rate(r.name)), r.within)
	}
	cmp.near("certificates on Fridays beside Wednesdays", weekdays[5]/weekdays[3], float64(w.tables.weekdays[5])/float64(w.tables.weekdays[3]), 0.06)
}

// Who was suspended, had not joined or had left issues and is sent nothing.
func TestStandingByDate(t *testing.T) {
	w, err := newWorld(Config{From: day("2003-01-01"), Until: day("2025-12-31"), Seed: "1"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		code, on string
		may      bool
	}{
		{"CF", "2013-05-22", true}, {"CF", "2013-05-23", false}, {"CF", "2014-06-01", false}, {"CF", "2015-12-31", false}, {"CF", "2016-10-01", true},
		{"CF", "2024-11-16", true}, {"GB", "2020-12-31", false}, {"GB", "2021-01-01", true}, {"CG", "2005-01-01", false}, {"CG", "2008-01-01", true},
		{"CI", "2010-01-01", false}, {"CI", "2015-01-01", true}, {"KH", "2012-01-01", false}, {"KH", "2013-01-01", true}, {"EU", "2003-01-02", true},
		{"MZ", "2021-01-01", false}, {"MZ", "2022-01-01", true},
	} {
		if got := w.standing(tt.code, day(tt.on)); got != tt.may {
			t.Errorf("%s on %s: %t", tt.code, tt.on, got)
		}
	}
	if w.indexOf("VE") >= 0 {
		t.Error("Venezuela trades in no year of this world")
	}
}
