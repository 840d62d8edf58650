package paper

import (
	"errors"
	"strings"

	"adamas.example/internal/certificate/reading"
	"adamas.example/internal/document"
	"adamas.example/internal/document/ornament"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/verify"
)

// block is a label over what it names: lines, or a table that may go on on the next
// page.
type block struct {
	label string
	rows  []row
	table bool
	mono  bool // numbers that are compared sign by sign
}

// row is a line: words, and in a table a figure at the right.
type row struct{ name, value string }

// part is what one page has of a block: its rows from..to. After a part that is not
// the last stands how many follow.
type part struct {
	block
	from, to int
	rest     bool // the rest of it is on another page
}

// Heights, in millimetres.
const (
	labelLeading = 2.8
	noteHeight   = 3.6
)

// setting is how large fields are printed.
type setting struct{ size, mono, leading, gap float64 }

// Fields are printed roomily, and tight where a page would not hold those that have no
// table otherwise.
var (
	roomy = setting{9, 8, 3.9, 2}
	tight = setting{8, 7.5, 3.4, 1.1}
)

func (s *sheet) typeOf(b block) {
	if b.mono {
		s.Type(document.Mono, s.set.mono, document.Ink)
		return
	}
	s.Type(document.Plain, s.set.size, document.Ink)
}

// lines breaks a row's words where its figure begins.
func (s *sheet) lines(r row, b block) []string {
	s.typeOf(b)
	width := column
	if r.value != "" {
		width -= s.Width(r.value) + 3
	}
	if lines := s.Lines(r.name, width); len(lines) > 0 {
		return lines
	}
	return []string{""}
}

func (s *sheet) rowHeight(r row, b block) float64 { return float64(len(s.lines(r, b))) * s.set.leading }

// bare is the height of a block without its rows.
func (s *sheet) bare(b block) float64 {
	s.Type(document.Plain, 6.5, document.Quiet)
	return float64(len(s.Lines(b.label, column)))*labelLeading + 1 + s.set.gap
}

// full is the height of what is left of a block.
func (s *sheet) full(p part) float64 {
	h := s.bare(p.block)
	for _, r := range p.rows[p.from:] {
		h += s.rowHeight(r, p.block)
	}
	return h
}

// least is the height that a part cannot do without: all of it, or of a table the word
// that it follows.
func (s *sheet) least(p part) float64 {
	if !p.table || len(p.rows)-p.from < 2 {
		return s.full(p)
	}
	return min(s.full(p), s.bare(p.block)+noteHeight)
}

var errNoRoom = errors.New("paper: a single field is longer than a page")

// deal gives a column of a page as many parts as it has room for, in order. Every
// block that can begin here does, so that a long table takes no room from the fields
// after it; what is left over goes to the tables, the first first.
func (s *sheet) deal(queue []part, room float64) (here, rest []part, err error) {
	n := 0
	for ; n < len(queue); n++ {
		h := s.least(queue[n])
		if h > room {
			break
		}
		room -= h
	}
	if n == 0 && len(queue) > 0 {
		return nil, nil, errNoRoom
	}
	for _, p := range queue[:n] {
		p.to = len(p.rows)
		if more := s.full(p) - s.least(p); more <= room {
			room -= more
			here = append(here, p)
			continue
		}
		for p.to = p.from; ; p.to++ {
			h := s.rowHeight(p.rows[p.to], p.block)
			if h > room {
				break
			}
			room -= h
		}
		room = 0 // the tables after it wait, as it does
		p.rest = true
		here = append(here, p)
		rest = append(rest, part{block: p.block, from: p.to})
	}
	return here, append(rest, queue[n:]...), nil
}

// print prints the parts of a column.
func (s *sheet) print(x, y float64, parts []part) float64 {
	for _, p := range parts {
		label := p.label
		if p.from > 0 {
			label += " · " + s.both("continued")
		}
		y = s.label(x, y, column, label) + 1
		for _, r := range p.rows[p.from:p.to] {
			lines := s.lines(r, p.block)
			s.Right(x+column, y, r.value)
			for _, l := range lines {
				s.Line(x, y, l)
				y += s.set.leading
			}
		}
		if p.rest {
			key := "more"
			if p.from == p.to {
				key = "all_more"
			}
			s.Type(document.Plain, 6.5, document.Accent)
			s.Line(x, y, s.both(key, lang.Args{"n": len(p.rows) - p.to}))
			y += noteHeight
		}
		y += s.set.gap
	}
	return y
}

// whole are blocks of which nothing is printed yet.
func whole(blocks []block) (out []part) {
	for _, b := range blocks {
		out = append(out, part{block: b})
	}
	return out
}

// fill gives a column of a later page what comes next, as far as it goes.
func (s *sheet) fill(queue []part, room float64) (here, rest []part, err error) {
	for i, p := range queue {
		p.to = len(p.rows)
		if h := s.full(p); h <= room {
			room -= h
			here = append(here, p)
			continue
		}
		p.to = p.from
		for room -= s.bare(p.block) + noteHeight; p.table && s.rowHeight(p.rows[p.to], p.block) <= room; p.to++ {
			room -= s.rowHeight(p.rows[p.to], p.block)
		}
		if p.to == p.from {
			rest = queue[i:]
			break
		}
		here = append(here, p)
		rest = append([]part{{block: p.block, from: p.to}}, queue[i+1:]...)
		break
	}
	if len(here) == 0 && len(queue) > 0 {
		return nil, nil, errNoRoom
	}
	return here, rest, nil
}

// spread deals out what the first page does not hold over pages of two columns; those
// of the last are about as long as each other.
func (s *sheet) spread(queue []part) (pages [][2][]part, err error) {
	first := s.set
	defer func() { s.set = first }()
	s.set = roomy
	for len(queue) > 0 {
		page, rest, err := s.page(queue, pageEnd-nextAt)
		if err != nil {
			return nil, err
		}
		for room := 40.0; len(rest) == 0 && room < pageEnd-nextAt; room += 4 {
			if shorter, over, err := s.page(queue, room); err == nil && len(over) == 0 {
				page = shorter
				break
			}
		}
		if n := len(page[1]); n > 0 && len(rest) > 0 {
			last := &page[1][n-1]
			last.rest = last.to < len(last.rows)
		}
		pages, queue = append(pages, page), rest
	}
	return pages, nil
}

// page fills both columns of a later page.
func (s *sheet) page(queue []part, room float64) (page [2][]part, rest []part, err error) {
	rest = queue
	for i := range page {
		if len(rest) == 0 {
			break
		}
		if page[i], rest, err = s.fill(rest, room); err != nil {
			return page, nil, err
		}
	}
	return page, rest, nil
}

// arrange deals two columns of a first page, and what it does not hold over pages
// after it. Where a field that is no table would have to wait, it is printed tight.
func (s *sheet) arrange(blocks [2][]block, room float64) (columns [2][]part, more [][2][]part, err error) {
	for _, s.set = range []setting{roomy, tight} {
		s.waiting = nil
		var over []part
		for i := range columns {
			var rest []part
			if columns[i], rest, err = s.deal(whole(blocks[i]), room); err != nil {
				return columns, nil, err
			}
			over = append(over, rest...)
		}
		for _, p := range over {
			if p.from == 0 && !p.table {
				s.waiting = append(s.waiting, p.label)
			}
		}
		more, err = s.spread(over)
		if len(s.waiting) == 0 || err != nil {
			break
		}
	}
	s.pages += len(more)
	return columns, more, err
}

// columns prints the two columns of a first page; what begins on a later page is
// named at their foot.
func (s *sheet) columns(y, end float64, columns [2][]part) {
	s.print(left, y, columns[0])
	s.print(second, y, columns[1])
	if len(s.waiting) > 0 {
		s.Type(document.Plain, 6.5, document.Accent)
		s.Line(left, end-1.6, s.both("waiting")+": "+strings.Join(s.waiting, "; "))
	}
}

// nextAt is where the columns of the pages after the first begin.
const nextAt = 42.0

// next is a page that goes on: it says of which paper, by number and check words, so
// that a page of another one cannot be put behind.
func (s *sheet) next(title, participant, number string, l reading.Likeness, page [2][]part) {
	s.Next()
	s.set = roomy
	s.number++
	s.pageNumber()
	s.Type(document.Plain, 9, document.Quiet)
	code := ident.ParticipantCode(participant)
	s.Line(left, 15, joined(s.en.Participant(code), s.na.Participant(code)))
	s.Type(document.Bold, 13, document.Accent)
	s.Line(left, 23, s.en.T("paper."+title, nil))
	if s.national() {
		s.Type(document.Bold, 9, document.Accent)
		s.Line(left, 28.5, s.na.T("paper."+title, nil))
	}
	s.Type(document.Mono, 15, document.Ink)
	s.Right(right, 23.5, number)
	s.Type(document.Mono, 8, document.Accent)
	s.Right(right, 28.5, ornament.CheckWords(l.Words))
	s.Rule(left, 33, right, 33, 0.35, document.Accent)
	s.print(left, nextAt, page[0])
	s.print(second, nextAt, page[1])
	s.Rule(left, pageEnd, right, pageEnd, 0.2, document.Hair)
	s.label(left, pageEnd+3.6, right-left, s.both("next_page"))
}

// said is a block of lines; those that say nothing are left out.
func said(lines ...string) (b block) {
	for _, l := range lines {
		if l != "" {
			b.rows = append(b.rows, row{name: l})
		}
	}
	return b
}

// tableOf is a block with a row for each of n things.
func tableOf(n int, of func(i int) row) block {
	b := block{table: true}
	for i := range n {
		b.rows = append(b.rows, of(i))
	}
	return b
}

// tariff lists the lines of the Harmonized System with weight and value.
func (s *sheet) tariff(f *verify.Facts) block {
	return tableOf(len(f.HS), func(i int) row {
		h := f.HS[i]
		value := s.carats(h.Hundredths)
		for _, v := range f.HSValues {
			if v.Name == h.Name {
				value += "   " + s.usd(v.Cents)
			}
		}
		return row{h.Name, value}
	})
}

// signature is a line to sign on, over the key that signed.
func (s *sheet) signature(x, y, width float64, key, id string) {
	s.label(x, y+3.6, width, s.both(key))
	s.Type(document.Mono, 7.5, document.Ink)
	s.Line(x, y+7.6, id)
	s.Rule(x, y+16.5, x+width, y+16.5, 0.2, document.Ink)
	s.label(x, y+19.4, width, s.both("signature"))
}
