// Package ornament is what a paper and a page both show of a certificate so that
// people can compare them at a glance and over a telephone: a rosette and four words,
// each made from a digest and nothing else.
//
// Invariant: one digest, one rosette and one row of words, on every machine; points
// are rounded, so that no machine's floating point shows.
//
// Imports: verify/canonical and go-bip39's list of words. It fits into a browser.
package ornament

import (
	"iter"
	"math"
	"strconv"
	"strings"

	"adamas.example/verify/canonical"
)

// Point is a place in millimetres.
type Point struct{ X, Y float64 }

// Rosette is a guilloche of a digest: two prints of one certificate bear the same,
// another certificate another. Each ring is a rose curve whose numbers of petals,
// depths and turns are bytes of the digest. The curves come one after another, closed.
// Some lie up to an eighth outside of the radius.
func Rosette(digest canonical.Hash, x, y, radius float64) iter.Seq[[]Point] {
	const rings = 5
	return func(yield func([]Point) bool) {
		for ring := range rings {
			b := digest[ring*6 : ring*6+6]
			petals, inner := 5+int(b[0]%14), 3+int(b[1]%9)
			depth, sway := 0.10+float64(b[2])/255*0.22, 0.04+float64(b[3])/255*0.10
			turn := float64(b[4]) / 256 * 2 * math.Pi
			middle := radius * (1 - float64(ring)*0.17)
			for strand := range 4 {
				shift := turn + float64(strand)*2*math.Pi/float64(4*petals)*(1+float64(b[5]%3))
				curve := rose(x, y, func(t float64) float64 {
					return middle * (1 - depth + depth*math.Sin(float64(petals)*t+shift)*0.8 + sway*math.Cos(float64(inner)*float64(petals)*t/2-shift))
				})
				if !yield(curve) {
					return
				}
			}
		}
	}
}

// rose is a closed curve of the radius at each angle.
func rose(x, y float64, radius func(t float64) float64) []Point {
	const steps = 480
	round := func(v float64) float64 { return math.Round(v*200) / 200 }
	curve := make([]Point, steps+1)
	for i := range curve {
		t := float64(i) / steps * 2 * math.Pi
		curve[i] = Point{round(x + radius(t)*math.Cos(t)), round(y + radius(t)*math.Sin(t))}
	}
	return curve
}

// Drawing is a rosette for an SVG: a path to be stroked, and the box to see it in.
type Drawing struct {
	Path    string `json:"path"`
	ViewBox string `json:"view_box"`
}

// Draw makes the rosette that a certificate's paper bears, in its millimetres.
func Draw(digest canonical.Hash) Drawing {
	const radius = 19
	number := func(v float64) string { return strconv.FormatFloat(v+0, 'f', -1, 64) } // +0 takes the sign from -0
	var path strings.Builder
	for curve := range Rosette(digest, 0, 0, radius) {
		step := "M"
		for _, p := range curve {
			path.WriteString(step + number(p.X) + " " + number(p.Y))
			step = "L"
		}
		path.WriteByte('Z')
	}
	return Drawing{path.String(), "-22 -22 44 44"}
}
