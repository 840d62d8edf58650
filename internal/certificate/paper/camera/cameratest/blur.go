package cameratest

import (
	"image"
	"math"
)

// blur is what lens and hand do to the light.
func (s shot) blur(p *plane) *plane {
	switch {
	case s.uneven != nil:
		p = p.layered(s.uneven)
	case s.defocus > 0:
		p = p.gauss(s.defocus, s.defocus)
	}
	if s.motion != [2]float64{} {
		p = p.moved(s.motion[0], s.motion[1])
	}
	return p
}

// gauss blurs with the given deviations across and down.
func (p *plane) gauss(sx, sy float64) *plane { return p.convolve(sx, 1, 0).convolve(sy, 0, 1) }

func (p *plane) convolve(s float64, dx, dy int) *plane {
	if s <= 0 {
		return p
	}
	n := int(math.Ceil(3 * s))
	weights := make([]float32, 2*n+1)
	sum := float32(0)
	for i := range weights {
		d := float64(i-n) / s
		weights[i] = float32(math.Exp(-d * d / 2))
		sum += weights[i]
	}
	out := newPlane(p.w, p.h)
	out.rows(func(y int, row []float32) {
		for x := range row {
			v := float32(0)
			for i, w := range weights {
				v += w * p.v[min(max(y+(i-n)*dy, 0), p.h-1)*p.w+min(max(x+(i-n)*dx, 0), p.w-1)]
			}
			row[x] = v / sum
		}
	})
	return out
}

// layered blurs each place as much as it is told, between a few whole blurs.
func (p *plane) layered(of func(x, y float64) float64) *plane {
	steps := []*plane{p}
	for s := 1.0; s <= 4; s++ {
		steps = append(steps, p.gauss(s, s))
	}
	out := newPlane(p.w, p.h)
	out.rows(func(y int, row []float32) {
		for x := range row {
			s := min(max(of(float64(x)/float64(p.w), float64(y)/float64(p.h)), 0), 3.999)
			a, b := steps[int(s)].v[y*p.w+x], steps[int(s)+1].v[y*p.w+x]
			row[x] = a + (b-a)*float32(s-math.Floor(s))
		}
	})
	return out
}

// moved smears along a way.
func (p *plane) moved(dx, dy float64) *plane {
	n := int(math.Ceil(2*math.Hypot(dx, dy))) + 1
	out := newPlane(p.w, p.h)
	out.rows(func(y int, row []float32) {
		for x := range row {
			v := float32(0)
			for i := range n {
				f := float64(i)/float64(n-1) - 0.5
				v += p.at(float64(x)+f*dx, float64(y)+f*dy)
			}
			row[x] = v / float32(n)
		}
	})
	return out
}

func (p *plane) at(x, y float64) float32 {
	x, y = min(max(x, 0), float64(p.w)-1.001), min(max(y, 0), float64(p.h)-1.001)
	ix, iy := int(x), int(y)
	fx, fy := float32(x-float64(ix)), float32(y-float64(iy))
	q := p.v[iy*p.w+ix:]
	return (q[0]*(1-fx)+q[1]*fx)*(1-fy) + (q[p.w]*(1-fx)+q[p.w+1]*fx)*fy
}

// photocopy is black or white, with toner that spreads and a drum that has specks.
func photocopy(page *image.Gray) *image.Gray {
	b := page.Bounds()
	seen := newPlane(b.Dx(), b.Dy())
	for i := range seen.v {
		seen.v[i] = float32(page.Pix[(i/seen.w)*page.Stride+i%seen.w]) / 255
	}
	seen = seen.gauss(1.6, 1.6)
	out := image.NewGray(b)
	for y := range seen.h {
		r := chance("photocopy", uint64(y))
		for x := range seen.w {
			if v := float64(seen.v[y*seen.w+x]) + r.NormFloat64()*0.03; v > 0.58 && r.IntN(6000) > 0 {
				out.Pix[y*out.Stride+x] = 255
			}
		}
	}
	return out
}
