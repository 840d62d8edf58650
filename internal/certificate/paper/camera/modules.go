package camera

import (
	"math"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
)

// code tries to read the code that three finder patterns may belong to.
func (r *reader) code(g *grey, t triple) bool {
	right, down := t.topRight.sub(t.topLeft.point), t.bottomLeft.sub(t.topLeft.point)
	topLeft, topRight, bottomLeft := frameAt(g, t.topLeft, right, down), frameAt(g, t.topRight, right, down), frameAt(g, t.bottomLeft, right, down)
	for _, number := range versions(g, topLeft, topRight, bottomLeft) {
		if r.over() {
			return false
		}
		version, err := decoder.Version_GetVersionForNumber(number)
		if err != nil {
			continue
		}
		m := newMesh(g, version.GetAlignmentPatternCenters(), topLeft, topRight, bottomLeft)
		if m.sure*5 < len(m.lines)*len(m.lines) {
			continue // fewer than a fifth of what should be there
		}
		s := m.shades(version.GetDimensionForVersion())
		if s.timing() < leastTiming {
			continue
		}
		for _, way := range ways {
			if text, ok := s.decode(way); ok {
				r.take(text)
				return true
			}
		}
	}
	return false
}

// leastTiming is how many of the modules that alternate must do so for a code to be
// decoded at all.
const leastTiming = 0.7

// shades are the modules of a code, as bright as they are.
type shades struct {
	side int
	v    []float64
}

// shades takes the brightness of each module from the middle of it.
func (m *mesh) shades(side int) *shades {
	s := &shades{side, make([]float64, side*side)}
	for y := range side {
		for x := range side {
			p := m.at(x, y)
			right, down := m.at(x+1, y).sub(p), m.at(x, y+1).sub(p)
			sum := 0.0
			for _, dy := range [3]float64{-0.25, 0, 0.25} {
				for _, dx := range [3]float64{-0.25, 0, 0.25} {
					q := p.add(right.times(dx)).add(down.times(dy))
					sum += m.g.at(q.x, q.y)
				}
			}
			s.v[y*side+x] = sum / 9
		}
	}
	return s
}

// timing is which part of the modules in the rows between the finder patterns
// alternates as it must (ISO/IEC 18004 §6.3.5).
func (s *shades) timing() float64 {
	bits := s.bits(ways[0])
	right, all := 0, 0
	for k := 8; k < s.side-8; k++ {
		for _, dark := range []bool{bits[6*s.side+k], bits[k*s.side+6]} {
			all++
			if dark == (k%2 == 0) {
				right++
			}
		}
	}
	return float64(right) / float64(all)
}

// way is how modules are told black from white.
type way struct {
	scale  scale
	around int     // modules to each side that it is held against
	shift  float64 // of the line between black and white, in deviations
	rounds int     // of taking out what neighbours lend each other
}

// scale is on which brightness is measured.
type scale func(v float64) float64

// light is what fell on the sensor, about: what runs into a neighbour adds to it.
func light(v float64) float64 { return math.Pow(v/255, 2.2) }

// seen is brightness as the file has it.
func seen(v float64) float64 { return v }

// parts is brightness by ratio: black is to white in a shadow as it is beside it.
func parts(v float64) float64 { return math.Log(light(v) + 0.004) }

// ways are tried in turn: as it is; against fewer neighbours, for shadows and stains;
// unblurred; with ink that has run or worn away.
var ways = []way{
	{seen, 7, 0, 0}, {light, 7, 0, 6}, {parts, 5, 0, 0}, {seen, 3, 0, 0}, {light, 4, 0, 12}, {parts, 7, 0, 6}, {seen, 7, 0, 6},
	{seen, 6, -0.4, 0}, {seen, 6, 0.4, 0}, {light, 6, -0.4, 6}, {light, 6, 0.4, 6},
}

// bits tells dark modules.
func (s *shades) bits(w way) []bool {
	v := s.levelled(w)
	if w.rounds > 0 {
		return s.unblurred(v, w)
	}
	out := make([]bool, len(v))
	for i := range v {
		out[i] = v[i] < w.shift
	}
	return out
}

// levelled holds each module against the mean of those around, in deviations: 1 is
// about white, -1 black.
func (s *shades) levelled(w way) []float64 {
	n := s.side + 1
	v, sums, squares := make([]float64, len(s.v)), make([]float64, n*n), make([]float64, n*n)
	for y := range s.side {
		row, row2 := 0.0, 0.0
		for x := range s.side {
			p := w.scale(s.v[y*s.side+x])
			v[y*s.side+x] = p
			row, row2 = row+p, row2+p*p
			sums[(y+1)*n+x+1], squares[(y+1)*n+x+1] = sums[y*n+x+1]+row, squares[y*n+x+1]+row2
		}
	}
	for y := range s.side {
		top, bottom := max(0, y-w.around), min(s.side, y+w.around+1)
		for x := range s.side {
			left, right := max(0, x-w.around), min(s.side, x+w.around+1)
			box := func(t []float64) float64 {
				return t[bottom*n+right] - t[top*n+right] - t[bottom*n+left] + t[top*n+left]
			}
			count := float64((bottom - top) * (right - left))
			mean := box(sums) / count
			deviation := math.Sqrt(max(1e-9, box(squares)/count-mean*mean))
			v[y*s.side+x] = (v[y*s.side+x] - mean) / deviation
		}
	}
	return v
}

// reach is how far a module's light is followed into others.
const reach = 2

// unblurred decides each module with what the others have lent it taken away. How much
// that is, in each direction, is measured on the code itself: its modules are as good
// as chance (that is what masks are for), so that what a module has in common with its
// neighbour was lent. The decisions sharpen each other from round to round.
func (s *shades) unblurred(v []float64, w way) []bool {
	said := make([]float64, len(v)) // from -1, black, to 1, white; in doubt between
	for i := range v {
		said[i] = min(max((v[i]-w.shift)*1.5, -1), 1)
	}
	next := make([]float64, len(v))
	for range w.rounds {
		lent := s.lent(v, said)
		own := lent[reach][reach]
		for y := range s.side {
			for x := range s.side {
				p := v[y*s.side+x] - w.shift*own
				for dy := -reach; dy <= reach; dy++ {
					for dx := -reach; dx <= reach; dx++ {
						if i, ok := s.index(x+dx, y+dy); ok && (dx != 0 || dy != 0) {
							p -= lent[dy+reach][dx+reach] * said[i]
						}
					}
				}
				next[y*s.side+x] = min(max(p/own*1.5, -1), 1)
			}
		}
		said, next = next, said
	}
	out := make([]bool, len(v))
	for i := range said {
		out[i] = said[i] < 0
	}
	return out
}

// lent measures what modules have of those around them.
func (s *shades) lent(v, said []float64) (out [2*reach + 1][2*reach + 1]float64) {
	for dy := -reach; dy <= reach; dy++ {
		for dx := -reach; dx <= reach; dx++ {
			var sum, all float64
			for y := reach; y < s.side-reach; y++ {
				for x := reach; x < s.side-reach; x++ {
					b := said[(y+dy)*s.side+x+dx]
					sum, all = sum+v[y*s.side+x]*b, all+b*b
				}
			}
			out[dy+reach][dx+reach] = sum / max(all, 1)
		}
	}
	out[reach][reach] = max(out[reach][reach], 0.2)
	return out
}

func (s *shades) index(x, y int) (int, bool) {
	return y*s.side + x, x >= 0 && y >= 0 && x < s.side && y < s.side
}

// decode corrects and reads the modules.
func (s *shades) decode(w way) (string, bool) {
	matrix, err := gozxing.NewSquareBitMatrix(s.side)
	if err != nil {
		return "", false
	}
	for i, dark := range s.bits(w) {
		if dark {
			matrix.Set(i%s.side, i/s.side)
		}
	}
	result, err := decoder.NewDecoder().DecodeWithoutHint(matrix)
	if err != nil {
		return "", false
	}
	return result.GetText(), true
}
