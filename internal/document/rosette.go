package document

import (
	"math"

	"adamas.example/verify/canonical"
)

// Rosette draws a guilloche of a digest: two prints of one certificate bear the same,
// another certificate another. Each ring is a rose curve whose numbers of petals,
// depths and turns are bytes of the digest.
func (p *Page) Rosette(digest canonical.Hash, x, y, radius float64, c Colour) {
	p.pdf.SetDrawColor(c[0], c[1], c[2])
	p.pdf.SetLineWidth(0.08)
	const rings = 5
	for ring := range rings {
		b := digest[ring*6 : ring*6+6]
		petals, inner := 5+int(b[0]%14), 3+int(b[1]%9)
		depth, sway := 0.10+float64(b[2])/255*0.22, 0.04+float64(b[3])/255*0.10
		turn := float64(b[4]) / 256 * 2 * math.Pi
		middle := radius * (1 - float64(ring)*0.17)
		for strand := range 4 {
			shift := turn + float64(strand)*2*math.Pi/float64(4*petals)*(1+float64(b[5]%3))
			p.rose(x, y, func(t float64) float64 {
				return middle * (1 - depth + depth*math.Sin(float64(petals)*t+shift)*0.8 + sway*math.Cos(float64(inner)*float64(petals)*t/2-shift))
			})
		}
	}
}

// rose draws a closed curve of the radius at each angle. Its points are rounded, so
// that no machine's floating point shows.
func (p *Page) rose(x, y float64, radius func(t float64) float64) {
	const steps = 480
	round := func(v float64) float64 { return math.Round(v*200) / 200 }
	for i := range steps + 1 {
		t := float64(i) / steps * 2 * math.Pi
		px, py := round(x+radius(t)*math.Cos(t)), round(y+radius(t)*math.Sin(t))
		if i == 0 {
			p.pdf.MoveTo(px, py)
		} else {
			p.pdf.LineTo(px, py)
		}
	}
	p.pdf.DrawPath("D")
}
