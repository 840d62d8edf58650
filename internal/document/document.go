// Package document makes printed pages: PDF with embedded fonts, QR codes as vectors,
// attached files, and ornaments that are drawn from a digest (design.md §8, style.md).
//
// Invariants: the same calls give the same bytes on another day and another machine
// (no clock, no chance, no system font); a page of the made-up world says SYNTHETIC
// across it, and nothing switches that off. The fonts are Bigelow & Holmes' Go fonts
// (BSD), which have Latin-1 and Latin Extended-A.
package document

import (
	"bytes"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/gofont/goregular"
)

// Colour is red, green, blue.
type Colour [3]int

// The colours of the house: ink, the accent of banknotes, hairlines.
var (
	Ink    = Colour{26, 28, 30}
	Quiet  = Colour{88, 94, 98}
	Accent = Colour{0, 84, 92}
	Hair   = Colour{176, 188, 190}
	Pale   = Colour{214, 228, 228}
)

// Face is one of the three typefaces.
type Face string

// The faces: text, headings, and numbers that are compared sign by sign.
const (
	Plain Face = "plain"
	Bold  Face = "bold"
	Mono  Face = "mono"
)

// Page is the page of a document that is being printed on, A4; lengths are millimetres
// from the top left.
type Page struct {
	pdf    *fpdf.Fpdf
	dx, dy float64
	made   bool // up: every page bears the mark
	across string
	files  []fpdf.Attachment
}

// A4 in millimetres.
const (
	Width  = 210.0
	Height = 297.0
)

// Meta is what the file says of itself. Made is not the clock's time but one that
// belongs to the content.
type Meta struct {
	Title, Author, Language string
	Made                    time.Time
	DX, DY                  float64 // print offset for paper that is printed on already
	Synthetic               bool    // of the made-up world: every page says so, and nothing switches that off
	Across                  string  // words over the whole of every page: PREVIEW
}

// New begins a page.
func New(m Meta) *Page {
	f := fpdf.New("P", "mm", "A4", "")
	f.SetCatalogSort(true)
	f.SetCreationDate(m.Made.UTC())
	f.SetModificationDate(m.Made.UTC())
	f.SetProducer("Adamas", true)
	f.SetTitle(m.Title, true)
	f.SetAuthor(m.Author, true)
	f.SetLang(m.Language)
	f.SetMargins(0, 0, 0)
	f.SetAutoPageBreak(false, 0)
	f.SetCellMargin(0)
	f.AddUTF8FontFromBytes(string(Plain), "", bytes.Clone(goregular.TTF))
	f.AddUTF8FontFromBytes(string(Bold), "", bytes.Clone(gobold.TTF))
	f.AddUTF8FontFromBytes(string(Mono), "", bytes.Clone(gomonobold.TTF))
	p := &Page{pdf: f, dx: m.DX, dy: m.DY, made: m.Synthetic, across: m.Across}
	p.begin()
	return p
}

// begin begins a page: what is printed on it is moved, and a page of the made-up world
// bears its mark before anything else.
func (p *Page) begin() {
	p.pdf.AddPage()
	if p.moved() {
		p.pdf.TransformBegin()
		p.pdf.TransformTranslate(p.dx, p.dy)
	}
	if p.made {
		p.synthetic()
	}
	if p.across != "" {
		p.covered()
	}
}

func (p *Page) moved() bool { return p.dx != 0 || p.dy != 0 }

func (p *Page) end() {
	if p.moved() {
		p.pdf.TransformEnd()
	}
}

// Next ends the page and begins another.
func (p *Page) Next() {
	p.end()
	p.begin()
}

// Attach puts a file into the document, after those that are there.
func (p *Page) Attach(name, description string, content []byte) {
	p.files = append(p.files, fpdf.Attachment{Content: content, Filename: name, Description: description})
	p.pdf.SetAttachments(p.files)
}

// Bytes ends the document.
func (p *Page) Bytes() ([]byte, error) {
	p.end()
	var out bytes.Buffer
	if err := p.pdf.Output(&out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Type sets the face, its size in points and its colour.
func (p *Page) Type(f Face, size float64, c Colour) {
	p.pdf.SetFont(string(f), "", size)
	p.pdf.SetTextColor(c[0], c[1], c[2])
}

// Width of a text as it would be printed now.
func (p *Page) Width(s string) float64 { return p.pdf.GetStringWidth(s) }

// Line prints one line with its baseline at y.
func (p *Page) Line(x, y float64, s string) { p.pdf.Text(x, y, s) }

// Right prints one line that ends at x.
func (p *Page) Right(x, y float64, s string) { p.pdf.Text(x-p.Width(s), y, s) }

// Centre prints one line around x.
func (p *Page) Centre(x, y float64, s string) { p.pdf.Text(x-p.Width(s)/2, y, s) }

// Para prints text in lines of at most width, the first with its baseline at y, and
// gives the baseline that would come next.
func (p *Page) Para(x, y, width, leading float64, s string) float64 {
	for _, line := range p.Lines(s, width) {
		p.Line(x, y, line)
		y += leading
	}
	return y
}

// Lines breaks text where it prints wider than width.
func (p *Page) Lines(s string, width float64) []string {
	if s == "" {
		return nil
	}
	return p.pdf.SplitText(s, width)
}

// Rule draws a line.
func (p *Page) Rule(x1, y1, x2, y2, width float64, c Colour) {
	p.pdf.SetDrawColor(c[0], c[1], c[2])
	p.pdf.SetLineWidth(width)
	p.pdf.Line(x1, y1, x2, y2)
}

// Cut draws the line along which a part of the page is torn off.
func (p *Page) Cut(x1, y, x2 float64, c Colour) {
	p.pdf.SetDashPattern([]float64{1.6, 1.4}, 0)
	p.Rule(x1, y, x2, y, 0.25, c)
	p.pdf.SetDashPattern(nil, 0)
}

// Box fills a rectangle.
func (p *Page) Box(x, y, w, h float64, c Colour) {
	p.pdf.SetFillColor(c[0], c[1], c[2])
	p.pdf.Rect(x, y, w, h, "F")
}

// synthetic prints the mark of the made-up world across the page.
func (p *Page) synthetic() {
	p.Type(Bold, 84, Colour{240, 232, 230})
	p.pdf.TransformBegin()
	p.pdf.TransformRotate(52, Width/2, Height/2)
	p.Centre(Width/2, Height/2+10, "SYNTHETIC")
	p.pdf.TransformEnd()
}

// covered prints words over the whole page, row by row, so that no part of it can be cut
// out that does not bear them.
func (p *Page) covered() {
	p.Type(Bold, 30, Colour{234, 225, 214})
	p.pdf.TransformBegin()
	p.pdf.TransformRotate(28, Width/2, Height/2)
	step := p.Width(p.across) + 14
	for row, y := 0, -60.0; y < Height+60; row, y = row+1, y+34 {
		for x := -120 - float64(row%2)*step/2; x < Width+120; x += step {
			p.Line(x, y, p.across)
		}
	}
	p.pdf.TransformEnd()
}
