package generate

import (
	"fmt"
	"strings"
	"testing"

	"adamas.example/internal/period"
)

// sums adds up the true totals by year and Participant.
type yearly struct{ certificates, hundredths, cents, domestic int64 }

func sums(totals []Total, flow string) map[codeYear]yearly {
	out := map[codeYear]yearly{}
	for _, l := range totals {
		if l.Flow == flow {
			for _, code := range []string{l.Participant, "ZZ"} {
				k := codeYear{code, l.Quarter.Year}
				s := out[k]
				s.certificates += l.Certificates
				s.hundredths += l.Hundredths
				s.cents += l.Cents
				s.domestic += l.Domestic
				out[k] = s
			}
		}
	}
	return out
}

func TestTryCal(t *testing.T) {
	c := Config{Dir: t.TempDir() + "/o", From: period.MustDay(2006, 1, 1), Until: period.MustDay(2025, 12, 31), Count: 60000, Seed: "1", Statistics: true, Readme: "x"}
	r, err := Run(t.Context(), c, nil)
	if err != nil {
		t.Fatal(err)
	}
	w, _ := newWorld(c)
	scale := func(n int64) float64 { return float64(w.quotas.scaled(n)) }
	issued, ended, received := sums(r.Totals, flowIssued), sums(r.Totals, flowEnded), sums(r.Totals, flowReceived)
	for _, y := range []int{2006, 2007, 2012, 2014, 2017, 2019, 2022, 2025} {
		var b strings.Builder
		p := w.planYear(y)
		fmt.Fprintf(&b, "%d world cert %d/%.0f  traded %.3f  usd/ct %.0f mean ct %.0f\n", y, issued[codeYear{"ZZ", y}].certificates, scale(w.tables.world[y].certificates),
			float64(issued[codeYear{"ZZ", y}].hundredths)/scale(w.tables.world[y].hundredths), float64(issued[codeYear{"ZZ", y}].cents)/float64(issued[codeYear{"ZZ", y}].hundredths),
			float64(issued[codeYear{"ZZ", y}].hundredths)/100/float64(issued[codeYear{"ZZ", y}].certificates))
		for i, party := range w.parties {
			k := codeYear{party.code, y}
			is, en, re := issued[k], ended[k], received[k]
			if is.certificates == 0 && re.certificates == 0 {
				continue
			}
			fmt.Fprintf(&b, "  %s n %d (exp %.0f, full %d) dom %.2f of %.0f  reexp %.2f of %.0f  recv %d kct %.1f usd/ct %.0f\n", party.code, is.certificates, scale(p.expected[i]), p.expected[i],
				float64(is.domestic-en.domestic)/scale(w.tables.mined(party.code, y).hundredths), scale(w.tables.mined(party.code, y).hundredths)/100,
				float64(is.hundredths-en.hundredths-is.domestic+en.domestic)/scale(p.reexports[i]), scale(p.reexports[i])/100, re.certificates, float64(re.hundredths)/1e5, float64(is.cents)/float64(max(1, is.hundredths)))
		}
		t.Log(b.String())
	}
}
