package camera

import (
	"cmp"
	"math"
	"slices"
)

// point is a place in a picture, or a way from one to another.
type point struct{ x, y float64 }

func (p point) add(q point) point         { return point{p.x + q.x, p.y + q.y} }
func (p point) sub(q point) point         { return point{p.x - q.x, p.y - q.y} }
func (p point) times(f float64) point     { return point{p.x * f, p.y * f} }
func (p point) length() float64           { return math.Hypot(p.x, p.y) }
func (p point) cross(q point) float64     { return p.x*q.y - p.y*q.x }
func between(p, q point, f float64) point { return p.add(q.sub(p).times(f)) }

// centre is the middle of a finder pattern, and how large its modules seem.
type centre struct {
	point
	module float64
	seen   int // in how many rows
}

// Bounds of what is looked at in one picture.
const (
	mostCentres = 24
	mostTriples = 40
	mostKnown   = 40 * mostCentres // each that is found is held against those known
)

// finders looks for the squares in three corners of a code: in every second row for
// dark, light, dark, light, dark as 1:1:3:1:1, then across it. A blurred square is not
// quite that, so more is taken for one than is; what was none has no code.
func (r *reader) finders(b *binary) []centre {
	var out []centre
	for y := 1; y < b.h; y += 2 {
		if y%64 == 1 && r.ctx.Err() != nil || len(out) > mostKnown {
			break
		}
		out = b.findRow(out, y)
	}
	out = slices.DeleteFunc(out, func(c centre) bool { return c.seen < 2 })
	slices.SortFunc(out, func(a, b centre) int { return cmp.Compare(b.weight(), a.weight()) })
	return out[:min(len(out), mostCentres)]
}

// weight is how sure a centre is: seen in most of the rows of its inner square.
func (c centre) weight() float64 { return min(1, float64(c.seen)/c.module) * math.Sqrt(c.module) }

// findRow adds the centres of one row to those known.
func (b *binary) findRow(known []centre, y int) []centre {
	row := b.dark[y*b.w:][:b.w]
	var ends [6]int // where the last runs ended
	for x := 1; x <= b.w; x++ {
		if x < b.w && row[x] == row[x-1] {
			continue
		}
		copy(ends[:], ends[1:])
		ends[5] = x
		if !row[x-1] || ends[0] == 0 && ends[1] == 0 {
			continue // a light run ends here, or there were not five
		}
		var runs [5]int
		for i := range runs {
			runs[i] = ends[i+1] - ends[i]
		}
		if !squared(runs) {
			continue
		}
		if c, ok := b.cross((ends[2]+ends[3])/2, y, ends[5]-ends[0]); ok {
			if known = join(known, c); len(known) > mostKnown {
				break
			}
		}
	}
	return known
}

// squared tells whether five runs look like those through a finder pattern.
func squared(runs [5]int) bool {
	all := 0
	for _, n := range runs {
		all += n
	}
	m := float64(all) / 7
	if all < 9 || float64(runs[2]) < 1.8*m || float64(runs[2]) > 4.4*m {
		return false
	}
	for _, i := range [4]int{0, 1, 3, 4} {
		if n := float64(runs[i]); n < 0.3*m-0.5 || n > 1.8*m+0.5 {
			return false
		}
	}
	return true
}

// cross holds a row's finding against the column through its middle, and the row again.
func (b *binary) cross(x, y, size int) (c centre, ok bool) {
	middleY, high, ok := b.through(x, y, 0, 1, 2*size)
	if !ok {
		return c, false
	}
	middleX, wide, ok := b.through(x, int(middleY), 1, 0, 2*size)
	if !ok || high > 1.9*wide || wide > 1.9*high {
		return c, false
	}
	return centre{point{middleX, middleY}, (wide + high) / 14, 1}, true
}

// through measures the five runs through a place in a column or row.
func (b *binary) through(x, y, dx, dy, most int) (middle, size float64, ok bool) {
	var runs [5]int
	walk := func(way int) bool {
		at := 2
		i := 0
		if way < 0 {
			i = 1
		}
		for ; ; i++ {
			u, v := x+way*i*dx, y+way*i*dy
			if u < 0 || v < 0 || u >= b.w || v >= b.h {
				return at == 2+2*way // the edge ends the last run
			}
			if b.dark[v*b.w+u] != (at%2 == 0) {
				if at == 2+2*way {
					return true
				}
				at += way
			}
			if runs[at]++; runs[at] > most {
				return false
			}
		}
	}
	if !walk(1) || !walk(-1) || !squared(runs) {
		return 0, 0, false
	}
	before := 0 // from the place to the front of the dark middle
	for before = 0; before <= runs[2]; before++ {
		u, v := x-(before+1)*dx, y-(before+1)*dy
		if u < 0 || v < 0 || !b.dark[v*b.w+u] {
			break
		}
	}
	at := float64(x*dx + y*dy)
	return at - float64(before) + float64(runs[2])/2, float64(runs[0] + runs[1] + runs[2] + runs[3] + runs[4]), true
}

// join adds a centre to those known, or to the one that it is.
func join(known []centre, c centre) []centre {
	for i := range known {
		k := &known[i]
		if d := k.sub(c.point).length(); d < 2*k.module && c.module < 1.7*k.module && k.module < 1.7*c.module {
			n := float64(k.seen)
			k.point = k.times(n).add(c.point).times(1 / (n + 1))
			k.module = (k.module*n + c.module) / (n + 1)
			k.seen++
			return known
		}
	}
	return append(known, c)
}

// triple is three finder patterns that may be of one code.
type triple struct {
	topLeft, topRight, bottomLeft centre
	off                           float64 // how far from a square seen from above
}

// module is how large the modules are on the average.
func (t triple) module() float64 {
	return (t.topLeft.module + t.topRight.module + t.bottomLeft.module) / 3
}

// triples puts centres together, the squarest first.
func triples(cs []centre) []triple {
	var out []triple
	for i := range cs {
		for j := range cs {
			for k := j + 1; k < len(cs); k++ {
				if i == j || i == k {
					continue
				}
				if t, ok := corner(cs[i], cs[j], cs[k]); ok {
					out = append(out, t)
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b triple) int { return cmp.Compare(a.off, b.off) })
	return out[:min(len(out), mostTriples)]
}

// corner makes a triple with a at its corner, if it looks like a code's.
func corner(a, b, c centre) (t triple, ok bool) {
	u, v := b.sub(a.point), c.sub(a.point)
	if u.cross(v) < 0 { // a code that is not in a mirror turns this way
		b, c, u, v = c, b, v, u
	}
	lu, lv := u.length(), v.length()
	sizes := []float64{a.module, b.module, c.module}
	module := (sizes[0] + sizes[1] + sizes[2]) / 3
	spread := (slices.Max(sizes) - slices.Min(sizes)) / module
	sine := u.cross(v) / (lu * lv)
	ratio := max(lu, lv) / min(lu, lv)
	modules := (lu + lv) / 2 / module
	if spread > 0.7 || ratio > 2 || sine < 0.7 || modules < 10 || modules > 240 {
		return t, false
	}
	return triple{a, b, c, spread + (ratio - 1) + 2*(1-sine)}, true
}

// place is where a code was read, in parts of the picture's width.
type place struct {
	middle point
	side   float64
}

// known tells whether a triple lies where a code was read already, or was tried in
// this size.
func (r *reader) known(t triple, width int) bool {
	m := t.place(width).middle
	if slices.ContainsFunc(r.done, func(p place) bool { return m.sub(p.middle).length() < p.side/4 }) {
		return true
	}
	near := func(a, b centre) bool { return a.sub(b.point).length() < a.module/2 }
	if slices.ContainsFunc(r.tried, func(o triple) bool {
		return near(o.topLeft, t.topLeft) && near(o.topRight, t.topRight) && near(o.bottomLeft, t.bottomLeft)
	}) {
		return true
	}
	r.tried = append(r.tried, t)
	return false
}

func (t triple) place(width int) place {
	part := 1 / float64(width)
	return place{between(t.topRight.point, t.bottomLeft.point, 0.5).times(part), t.topRight.sub(t.topLeft.point).length() * part}
}
