package paper

import (
	"fmt"
	"strings"
	"time"

	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/document"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/period"
	"adamas.example/verify/canonical"
)

// Entry is one line of a register: a number, and what its office knows of it. Weight
// and value are nil where they were not disclosed to it.
type Entry struct {
	Number  string
	Other   ident.ParticipantCode // destination of what was issued, origin of what was received
	Day     period.Date           // of expiry, or of receipt
	Carats  *uint64               // hundredths
	Value   *uint64               // US cents
	State   consignment.State     // today, not on that day
	Remark  string                // of a number without certificate: why
	Without string                // key of what became of such a number: void, spoiled
}

// Register is the days of an office (KPCS Annex II 15: records are kept): what it has
// issued and received, apart from certificates what came with papers from outside, and
// the numbers that it has spent without a certificate.
type Register struct {
	Office      string
	Participant ident.ParticipantCode
	First, Last period.Date
	AsOf        time.Time // of the states
	Synthetic   bool
	Issued      []Entry
	Received    []Entry
	Papers      []Entry // received with papers from outside, whose issuers have signed nothing
	Ended       []Entry // void and spoiled sheets
}

// ledgerPage is a register while it is printed.
type ledgerPage struct {
	*sheet
	r Register
	y float64
}

// Columns of the table, in millimetres; of figures the right edge.
const (
	otherAt  = 45.0
	dayAt    = 92.0
	caratsAt = 127.0
	valueAt  = 152.0
	stateAt  = 157.0
)

// Where a page of the register begins and ends.
const (
	registerAt  = 46.0
	registerEnd = 276.0
)

// PrintRegister makes the PDF of a register. Error: of the PDF library.
func PrintRegister(words *lang.Catalogue, r Register, p Profile) ([]byte, error) {
	s := &ledgerPage{sheet: newSheet(words, p, document.Meta{Title: fmt.Sprintf("Register %s %s", r.Office, r.First), Made: r.AsOf, Synthetic: r.Synthetic}), r: r}
	// Laid out once without a page, to know how many there are.
	s.pages = s.layout(true)
	s.layout(false)
	return s.Bytes()
}

// layout prints the register, or counts its pages.
func (s *ledgerPage) layout(count bool) int {
	s.number = 0
	s.turn(count)
	for _, t := range []struct {
		key     string
		entries []Entry
	}{{"register_issued", s.r.Issued}, {"register_received", s.r.Received}, {"register_papers", s.r.Papers}, {"register_ended", s.r.Ended}} {
		s.table(t.key, t.entries, count)
	}
	s.room(34, count)
	if !count {
		s.closing()
	}
	return s.number
}

// turn begins a page.
func (s *ledgerPage) turn(count bool) {
	s.number++
	s.y = registerAt
	if count {
		return
	}
	if s.number > 1 {
		s.Next()
	}
	s.Type(document.Plain, 9, document.Quiet)
	s.Line(left, 15, joined(s.en.Participant(s.r.Participant), s.na.Participant(s.r.Participant)))
	s.Right(right, 15, fmt.Sprintf("%d / %d", s.number, s.pages))
	s.Type(document.Bold, 17, document.Accent)
	s.Line(left, 24, s.en.T("paper.register_title", nil))
	if s.national() {
		s.Type(document.Bold, 10, document.Accent)
		s.Line(left, 29.5, s.na.T("paper.register_title", nil))
	}
	s.Type(document.Plain, 9, document.Ink)
	s.Right(right, 24, s.span())
	s.Type(document.Plain, 9, document.Quiet)
	s.Right(right, 29.5, s.p.Office+" ("+s.r.Office+")")
	s.Rule(left, 34, right, 34, 0.35, document.Accent)
}

// span is the day, or the first and the last.
func (s *ledgerPage) span() string {
	if s.r.First == s.r.Last {
		return joined(s.en.Date(s.r.First), s.na.Date(s.r.First))
	}
	return s.en.Date(s.r.First) + " – " + s.en.Date(s.r.Last)
}

// room turns the page where there is less than h left, and tells whether it did.
func (s *ledgerPage) room(h float64, count bool) bool {
	if s.y+h <= registerEnd {
		return false
	}
	s.turn(count)
	return true
}

func (s *ledgerPage) table(key string, entries []Entry, count bool) {
	s.room(30, count)
	s.heading(key, count)
	if len(entries) == 0 {
		if !count {
			s.Type(document.Plain, 9, document.Quiet)
			s.Line(left, s.y, s.both("register_none"))
		}
		s.y += 10
		return
	}
	var carats, cents *uint64 // nil as long as none is known
	for i, e := range entries {
		r := s.cells(e)
		if s.room(r.height(), count) {
			s.heading(key, count)
		}
		if !count {
			s.line(e, r)
			if i < len(entries)-1 {
				s.Rule(left, s.y+r.height()-4.2, right, s.y+r.height()-4.2, 0.1, document.Hair)
			}
		}
		s.y += r.height()
		carats, cents = plus(carats, e.Carats), plus(cents, e.Value)
	}
	if key == "register_ended" {
		s.y += 4
		return
	}
	if s.room(8, count) {
		s.heading(key, count)
	}
	if !count {
		s.total(entries, carats, cents)
	}
	s.y += 13
}

// heading is a table's name over the heads of its columns.
func (s *ledgerPage) heading(key string, count bool) {
	if !count {
		s.Type(document.Bold, 10, document.Accent)
		s.Line(left, s.y, s.both(key))
		y, day, other := s.y+6, "register_expires", "register_to"
		switch key {
		case "register_received", "register_papers":
			day, other = "register_day", "register_from"
		case "register_ended":
			day, other = "register_day", "register_why"
		}
		s.Type(document.Plain, 6.5, document.Quiet)
		s.Line(left, y, s.both("register_number"))
		s.Line(otherAt, y, s.both(other))
		s.Line(dayAt, y, s.both(day))
		if key != "register_ended" {
			s.Right(caratsAt, y, s.both("register_carats"))
			s.Right(valueAt, y, "US$")
		}
		s.Line(stateAt, y, s.both("register_state"))
		s.Rule(left, y+1.8, right, y+1.8, 0.3, document.Ink)
	}
	s.y += 12.6
}

// cell is what stands in a column of words: lines of English, then smaller ones of the
// national language.
type cell struct{ en, na []string }

// rowCells are the columns of words of an entry.
type rowCells struct{ other, state cell }

func (c cell) height() float64 { return float64(len(c.en))*3.4 + float64(len(c.na))*2.9 }

func (r rowCells) height() float64 { return max(r.other.height(), r.state.height()) + 2.4 }

func (s *ledgerPage) cell(width float64, en, na string) (c cell) {
	s.Type(document.Plain, 8.5, document.Ink)
	c.en = s.Lines(en, width)
	if s.national() && na != en {
		s.Type(document.Plain, 6.8, document.Quiet)
		c.na = s.Lines(na, width)
	}
	return c
}

func (s *ledgerPage) cells(e Entry) (r rowCells) {
	state := func(p *lang.Printer) string {
		if e.Without != "" {
			return p.T("paper.register_"+e.Without, nil)
		}
		return p.Show(e.State)
	}
	r.state = s.cell(right-stateAt, state(s.en), state(s.na))
	other, na := e.Remark, e.Remark
	if e.Without == "" {
		other, na = string(e.Other)+"  "+s.en.Participant(e.Other), s.na.Participant(e.Other)
	}
	r.other = s.cell(dayAt-otherAt-3, other, na)
	return r
}

func (s *ledgerPage) words(x float64, c cell) {
	y := s.y
	s.Type(document.Plain, 8.5, document.Ink)
	for _, l := range c.en {
		s.Line(x, y, l)
		y += 3.4
	}
	s.Type(document.Plain, 6.8, document.Quiet)
	for _, l := range c.na {
		s.Line(x, y-0.3, l)
		y += 2.9
	}
}

// line is one entry.
func (s *ledgerPage) line(e Entry, r rowCells) {
	s.words(otherAt, r.other)
	s.words(stateAt, r.state)
	s.Type(document.Mono, 8.5, document.Ink)
	s.Line(left, s.y, display(e.Number))
	s.Type(document.Plain, 8.5, document.Ink)
	if e.Day != 0 {
		s.Line(dayAt, s.y, e.Day.String())
	}
	if e.Without == "" {
		s.Right(caratsAt, s.y, or(s.optional(e.Carats, s.weight), "–"))
		s.Right(valueAt, s.y, or(s.optional(e.Value, s.money), "–"))
	}
}

// weight and money are figures whose unit stands in the head of the column.
func (s *sheet) weight(hundredths uint64) string {
	return strings.TrimSuffix(s.carats(hundredths), "\u00a0ct")
}

func (s *sheet) money(cents uint64) string {
	return strings.TrimPrefix(s.usd(cents), "USD\u00a0")
}

// plus adds what is known.
func plus(sum, more *uint64) *uint64 {
	switch {
	case more == nil:
		return sum
	case sum == nil:
		return more
	}
	return new(*sum + *more)
}

func (s *ledgerPage) total(entries []Entry, carats, cents *uint64) {
	s.Rule(otherAt, s.y-3.4, right, s.y-3.4, 0.3, document.Ink)
	s.Type(document.Bold, 8.5, document.Ink)
	s.Line(otherAt, s.y+0.8, s.both("register_total", lang.Args{"n": len(entries)}))
	s.Right(caratsAt, s.y+0.8, or(s.optional(carats, s.weight), "–"))
	s.Right(valueAt, s.y+0.8, or(s.optional(cents, s.money), "–"))
}

// closing says as of when the states are, and is signed.
func (s *ledgerPage) closing() {
	y := s.label(left, s.y, right-left, s.both("register_as_of", lang.Args{"time": s.r.AsOf}))
	s.label(left, y+0.6, right-left, s.both("register_dash"))
	s.Rule(second, s.y+22, right, s.y+22, 0.2, document.Ink)
	s.label(second, s.y+25, column, s.both("signature"))
}

func dateOf(d canonical.Day) period.Date { return period.Date(d) }
