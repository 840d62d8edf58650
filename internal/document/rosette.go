package document

import (
	"adamas.example/internal/document/ornament"
	"adamas.example/verify/canonical"
)

// Rosette draws the guilloche of a digest (package ornament).
func (p *Page) Rosette(digest canonical.Hash, x, y, radius float64, c Colour) {
	p.pdf.SetDrawColor(c[0], c[1], c[2])
	p.pdf.SetLineWidth(0.08)
	for curve := range ornament.Rosette(digest, x, y, radius) {
		p.pdf.MoveTo(curve[0].X, curve[0].Y)
		for _, point := range curve[1:] {
			p.pdf.LineTo(point.X, point.Y)
		}
		p.pdf.DrawPath("D")
	}
}
