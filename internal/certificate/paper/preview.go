package paper

import (
	"fmt"
	"time"

	"adamas.example/internal/document"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/verify"
	"adamas.example/verify/statement"
)

// Preview is a certificate that is not one yet: what it would say if it were prepared
// now, and to whom that is shown.
type Preview struct {
	Issuer    string // office
	Number    string // of the sheet that would be taken; "" for none
	Cert      statement.Certificate
	Facts     verify.Facts
	For       string // who is shown it
	At        time.Time
	Synthetic bool
}

// PrintPreview makes the PDF of a preview. Every page bears the word across it; there
// is no code, no rosette, no check word and no attached file on it, since all of these
// are for proving something that was signed. Error: of the PDF library.
func PrintPreview(words *lang.Catalogue, v Preview, p Profile) ([]byte, error) {
	p.Stock, p.DX, p.DY = Plain, 0, 0
	across := words.Printer(lang.English).T("paper.preview_mark", nil)
	for _, l := range []lang.Language{lang.French, lang.Portuguese} {
		across += " · " + words.Printer(l).T("paper.preview_mark", nil)
	}
	s := &certificate{sheet: newSheet(words, p, document.Meta{Title: "PREVIEW", Made: v.At, Synthetic: v.Synthetic, Across: across}),
		cert: &v.Cert, st: &statement.Statement{Header: statement.Header{Issuer: v.Issuer}}, facts: &v.Facts}
	columns, more, err := s.arrange([2][]block{s.blocks(p.Left), s.blocks(p.Right)}, signaturesAt-fieldsAt)
	if err != nil {
		return nil, err
	}
	s.title(ident.ParticipantCode(s.st.Participant()), "title", "statement")
	number := "—"
	if v.Number != "" {
		number = display(v.Number)
	}
	s.Type(document.Plain, 6.5, document.Quiet)
	s.Centre(middle, 66, s.both("preview_number"))
	s.Type(document.Mono, 20, document.Quiet)
	s.Centre(middle, 76, number)
	s.frame(90)
	s.pageNumber()
	s.columns(fieldsAt, signaturesAt, columns)
	s.Rule(left, signaturesAt, right, signaturesAt, 0.35, document.Accent)
	s.Type(document.Bold, 12, document.Accent)
	s.Line(left, signaturesAt+8, s.both("preview"))
	y := s.twice(left, signaturesAt+14, right-left, 9, 4, "preview_what", nil)
	s.Type(document.Plain, 9, document.Ink)
	s.Line(left, y+5, fmt.Sprintf("%s %s, %s", s.both("preview_by"), v.For, s.en.Show(v.At)))
	for _, page := range more {
		s.Next()
		s.number++
		s.set = roomy
		s.pageNumber()
		s.Type(document.Bold, 13, document.Accent)
		s.Line(left, 23, s.both("preview"))
		s.Rule(left, 33, right, 33, 0.35, document.Accent)
		s.print(left, nextAt, page[0])
		s.print(second, nextAt, page[1])
	}
	return s.Bytes()
}

// PrintOffset makes a page of crosses at known places, moved as a certificate would be:
// laid over a pre-printed sheet it shows by how much a printer is off.
func PrintOffset(words *lang.Catalogue, at time.Time, p Profile) ([]byte, error) {
	s := newSheet(words, p, document.Meta{Title: "Offset", Made: at})
	s.Type(document.Bold, 14, document.Accent)
	s.Line(left, 60, s.both("offset_title"))
	y := s.twice(left, 68, right-left, 9, 4, "offset_what", nil)
	s.Type(document.Plain, 9, document.Ink)
	args := lang.Args{"right": fmt.Sprintf("%.1f", p.DX), "down": fmt.Sprintf("%.1f", p.DY)}
	s.Para(left, y+5, right-left, 4, s.both("offset_now", args))
	for _, x := range []float64{20, middle, Farthest + 178} {
		for _, y := range []float64{20, 40, signaturesAt, 277} {
			s.Rule(x-6, y, x+6, y, 0.15, document.Ink)
			s.Rule(x, y-6, x, y+6, 0.15, document.Ink)
			s.Type(document.Mono, 6.5, document.Quiet)
			s.Line(x+1.5, y-1.5, fmt.Sprintf("%.0f / %.0f", x, y))
		}
	}
	return s.Bytes()
}
