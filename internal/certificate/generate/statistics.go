package generate

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"

	"adamas.example/internal/period"
	"adamas.example/verify/statement"
)

// The kinds of lines in the true totals.
const (
	flowIssued   = "issued"        // certificates, in the quarter of issue
	flowEnded    = "ended"         // of those, cancelled, replaced or lost; in the quarter of issue
	flowReceived = "received"      // receipts, weight as measured
	flowOpening  = "opening_stock" // goods that a Participant had at the start
	flowCut      = "cut"           // goods that left the scheme to be cut
)

// Total is one line of the true totals: what was made in one Participant and
// quarter.
type Total struct {
	Participant  string
	Quarter      period.Quarter
	Flow         string
	Kind         string
	Certificates int64
	Hundredths   int64 // of a carat
	Cents        int64
	Domestic     int64    // hundredths that came under no other certificate and from no stock
	HS           [3]int64 // hundredths by subheading, in the order 7102.10, .21, .31
}

type totalKey struct {
	party      int
	year, n    int
	flow, kind string
}

// totals are the ground truth for what later computes statistics from the logs.
type totals map[totalKey]*Total

func (t totals) at(p *participant, d period.Date, flow, kind string) *Total {
	q := period.QuarterOf(d)
	k := totalKey{p.index, q.Year, q.N, flow, kind}
	if t[k] == nil {
		t[k] = &Total{Participant: p.code, Quarter: q, Flow: flow, Kind: kind}
	}
	return t[k]
}

var kindNames = map[statement.Kind]string{statement.KindExport: "export", statement.KindTechnical: "technical",
	statement.KindTemporary: "temporary", statement.KindLaboratory: "laboratory", statement.KindReturn: "return"}

func (t totals) certificate(flow string, c *consignment, n int64) {
	line := t.at(c.from, c.issued, flow, kindNames[c.kind])
	line.Certificates += n
	line.Hundredths += c.hundredths
	line.Cents += c.cents
	line.Domestic += c.hundredths
	for _, l := range c.used {
		line.Domestic -= l.hundredths
	}
	for i := range c.hs {
		line.HS[i] += c.hs[i]
	}
}

func (t totals) received(c *consignment, d period.Date) {
	line := t.at(c.to, d, flowReceived, kindNames[c.kind])
	line.Certificates++
	line.Hundredths += c.measured
	line.Cents += c.cents
	for i := range c.hs {
		line.HS[i] += c.hs[i]
	}
}

func (t totals) goods(flow string, p *participant, d period.Date, hundredths, cents int64) {
	line := t.at(p, d, flow, "")
	line.Hundredths += hundredths
	line.Cents += cents
}

// sorted gives the lines by Participant, quarter, flow and kind.
func (t totals) sorted() []Total {
	keys := slices.SortedFunc(maps.Keys(t), func(a, b totalKey) int {
		return cmp.Or(cmp.Compare(a.party, b.party), cmp.Compare(a.year, b.year), cmp.Compare(a.n, b.n),
			cmp.Compare(a.flow, b.flow), cmp.Compare(a.kind, b.kind))
	})
	out := make([]Total, len(keys))
	for i, k := range keys {
		out[i] = *t[k]
	}
	return out
}

func writeTotals(out io.Writer, lines []Total) error {
	w := csv.NewWriter(out)
	if err := w.Write([]string{"SYNTHETIC", "participant", "quarter", "flow", "kind", "certificates", "hundredths", "us_cents", "domestic_hundredths",
		"7102.10_hundredths", "7102.21_hundredths", "7102.31_hundredths"}); err != nil {
		return err
	}
	for _, l := range lines {
		row := []string{"SYNTHETIC", l.Participant, l.Quarter.String(), l.Flow, l.Kind}
		for _, n := range []int64{l.Certificates, l.Hundredths, l.Cents, l.Domestic, l.HS[0], l.HS[1], l.HS[2]} {
			row = append(row, strconv.FormatInt(n, 10))
		}
		if err := w.Write(row); err != nil {
			return fmt.Errorf("statistics: %w", err)
		}
	}
	w.Flush()
	return w.Error()
}
