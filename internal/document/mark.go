package document

import "codeberg.org/go-pdf/fpdf"

// Mark is a state as a shape, which a reader without colours tells from the others
// (style.md). A mark never stands without its word.
type Mark byte

// The marks of the house.
const (
	Good    Mark = iota // ● valid
	Unsure              // ▲ cannot tell
	Bad                 // ■ invalid
	Pending             // ◌ not yet
)

// colours of the marks; of text beside them at least 7:1 on white (style.md).
var colours = map[Mark]Colour{Good: {0, 92, 62}, Unsure: {138, 74, 0}, Bad: {150, 20, 28}, Pending: {88, 94, 98}}

// Colour is that of the mark and of its word.
func (m Mark) Colour() Colour { return colours[m] }

// Mark draws a mark whose middle is at x, y.
func (p *Page) Mark(m Mark, x, y, radius float64) {
	c := m.Colour()
	p.pdf.SetFillColor(c[0], c[1], c[2])
	p.pdf.SetDrawColor(c[0], c[1], c[2])
	switch m {
	case Good:
		p.pdf.Circle(x, y, radius, "F")
	case Unsure:
		p.pdf.Polygon([]fpdf.PointType{{X: x, Y: y - radius}, {X: x + radius, Y: y + radius*0.8}, {X: x - radius, Y: y + radius*0.8}}, "F")
	case Bad:
		p.pdf.Rect(x-radius*0.9, y-radius*0.9, radius*1.8, radius*1.8, "F")
	case Pending:
		p.pdf.SetLineWidth(radius / 4)
		p.pdf.SetDashPattern([]float64{radius * 0.55, radius * 0.5}, 0)
		p.pdf.Circle(x, y, radius*0.85, "D")
		p.pdf.SetDashPattern(nil, 0)
	}
}
