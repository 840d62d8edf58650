package pages

import (
	"slices"
	"strconv"

	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/party"
	"adamas.example/internal/period"
)

// bar is a Participant's standing through time, as a picture; the table of events says
// the same in words.
type bar struct {
	Segments []segment
	Ticks    []tick
	Here     string // where the day asked about lies; "" outside
	Day      string
	Label    string
}

// segment is a time in which nothing changed.
type segment struct {
	X, Width string
	Class    string
	Fill     string // told apart without colour too
	Words    string
	Labelled bool // wide enough for its words
}

type tick struct{ X, Year string }

const (
	barWidth = 720.0 // of the picture, in its own units
	perLabel = 7.5   // of one letter
)

// bar draws it from the beginning of the scheme to today, or to the day asked about.
func (q *question) bar(p *lang.Printer, code ident.ParticipantCode) bar {
	end := max(q.today, min(q.on, q.today.AddMonths(24))).AddDays(1)
	cuts := []period.Date{begun, end}
	for _, e := range q.Register.History(q.by, code) {
		for _, d := range []period.Date{e.When.From, e.When.Until.AddDays(-1)} {
			if d > begun && d < end {
				cuts = append(cuts, d)
			}
		}
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	x := func(d period.Date) float64 {
		return barWidth * float64(d.DaysSince(begun)) / float64(end.DaysSince(begun))
	}
	at := func(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }
	out := bar{Label: p.T("participants.bar", lang.Args{"participant": code, "from": begun, "until": end.AddDays(-1)})}
	for i := 0; i < len(cuts)-1; {
		class := classOf(q.standing(code, cuts[i]))
		j := i + 1
		for j < len(cuts)-1 && classOf(q.standing(code, cuts[j])) == class {
			j++
		}
		s := segment{X: at(x(cuts[i])), Width: at(x(cuts[j]) - x(cuts[i])), Class: class, Fill: fillOf(class), Words: p.T("participants.bar."+class, nil)}
		s.Labelled = float64(len([]rune(s.Words)))*perLabel < x(cuts[j])-x(cuts[i])
		out.Segments = append(out.Segments, s)
		i = j
	}
	for year := begun.Year() + 2; year < end.Year(); year += 5 {
		out.Ticks = append(out.Ticks, tick{at(x(period.MustDay(year, 1, 1))), strconv.Itoa(year)})
	}
	if q.on >= begun && q.on < end {
		out.Here, out.Day = at(x(q.on)), p.Date(q.on)
	}
	return out
}

// classOf names what a standing comes to, for the picture: one of free, part, zones,
// none, entity, out, open.
func classOf(s party.Standing) string {
	switch {
	case len(s.Possible) > 1:
		return "open"
	case !s.Member && !s.Entity:
		return "out"
	case s.Entity && s.Trade == party.Free:
		return "entity"
	}
	return string(s.Trade)
}

// fillOf is how a class is drawn: full, hatched, dotted, empty.
func fillOf(class string) string {
	switch class {
	case "free", "entity":
		return "#00545c"
	case "part", "zones":
		return "url(#hatch)"
	case "open":
		return "url(#dots)"
	}
	return "#fdfdfb"
}
