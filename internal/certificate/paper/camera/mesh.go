package camera

import (
	"math"
	"math/bits"
	"slices"

	"github.com/makiuchi-d/gozxing/qrcode/decoder"
)

// frame is what one finder pattern tells of the picture around it: where its middle is,
// and how far the next module is to the right and down.
type frame struct{ middle, right, down point }

func (f frame) at(x, y float64) point { return f.middle.add(f.right.times(x)).add(f.down.times(y)) }

// frameAt measures a finder pattern along the code's sides: a turned one seems larger
// in the rows of the picture.
func frameAt(g *grey, c centre, right, down point) frame {
	along := func(d point) point {
		unit := d.times(1 / d.length())
		size, ok := g.across(c.point, unit, 9*c.module)
		if !ok {
			size = c.module * 7
		}
		return unit.times(size / 7)
	}
	return frame{c.point, along(right), along(down)}
}

// across measures from one outer edge of a finder pattern to the other: dark, light,
// dark on either side of its middle.
func (g *grey) across(middle, unit point, most float64) (size float64, ok bool) {
	const step = 0.25
	darkest, lightest := 255.0, 0.0
	for d := -most / 2; d <= most/2; d += 1 {
		p := middle.add(unit.times(d))
		v := g.at(p.x, p.y)
		darkest, lightest = min(darkest, v), max(lightest, v)
	}
	edge := (darkest + lightest) / 2
	for _, way := range []float64{1, -1} {
		edges, dark := 0, true
		d := 0.0
		for ; edges < 3 && d < most; d += step {
			p := middle.add(unit.times(way * d))
			if now := g.at(p.x, p.y) < edge; now != dark {
				edges, dark = edges+1, now
			}
		}
		if edges < 3 {
			return 0, false
		}
		size += d
	}
	return size, true
}

// versions are the sizes of code to try, the likeliest first: as it says itself beside
// two of its finder patterns (ISO/IEC 18004 §7.10), then by distance.
func versions(g *grey, topLeft, topRight, bottomLeft frame) []int {
	var out []int
	add := func(v int) {
		if v >= 7 && v <= 40 && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	for _, read := range []func(i int) point{
		func(i int) point { return topRight.at(float64(i%3)-7, float64(i/3)-3) },
		func(i int) point { return bottomLeft.at(float64(i/3)-3, float64(i%3)-7) },
	} {
		var shades [18]float64
		low, high := 255.0, 0.0
		for i := range shades {
			p := read(i)
			shades[i] = g.at(p.x, p.y)
			low, high = min(low, shades[i]), max(high, shades[i])
		}
		said := 0
		for i, s := range shades {
			if s < (low+high)/2 {
				said |= 1 << i
			}
		}
		for i, word := range decoder.VERSION_DECODE_INFO {
			if bits.OnesCount(uint(word^said)) <= 3 { // the words differ in eight
				add(i + 7)
			}
		}
	}
	u, v := topRight.middle.sub(topLeft.middle), bottomLeft.middle.sub(topLeft.middle)
	wide := 2 * u.length() / (topLeft.right.length() + topRight.right.length())
	high := 2 * v.length() / (topLeft.down.length() + bottomLeft.down.length())
	near := int(math.Round(((wide+high)/2 + 7 - 17) / 4))
	for _, d := range []int{0, -1, 1, -2, 2, -3, 3} {
		add(near + d)
	}
	return out
}

// mesh is a code as it lies in a picture: its alignment patterns, row by row, where
// they were seen or else where their neighbours let them be.
type mesh struct {
	g     *grey
	lines []int // the rows, and columns, of modules in which alignment patterns stand
	nodes [][]point
	seen  [][]bool
	sure  int // how many were seen
}

// How far from where it is expected an alignment pattern is looked for, in modules.
const (
	farOnEdge = 4.0
	farInside = 2.5
	least     = 0.62 // correlation with what it should look like
)

// newMesh looks for the alignment patterns of a version: along the top and the left
// edge from finder to finder, then each where the three before it promise it.
func newMesh(g *grey, lines []int, topLeft, topRight, bottomLeft frame) *mesh {
	n := len(lines)
	m := &mesh{g: g, lines: lines, nodes: make([][]point, n), seen: make([][]bool, n)}
	for i := range n {
		m.nodes[i], m.seen[i] = make([]point, n), make([]bool, n)
	}
	last := n - 1
	m.nodes[0][0], m.nodes[0][last], m.nodes[last][0] = topLeft.at(3, 3), topRight.at(-3, 3), bottomLeft.at(3, -3)
	for k := 1; k < last; k++ {
		part := float64(lines[k]-lines[k-1]) / float64(lines[last]-lines[k-1])
		near := float64(lines[last]-lines[k]) / float64(lines[last]-lines[0])
		right, down := m.nodes[0][last].sub(m.nodes[0][k-1]).times(1/float64(lines[last]-lines[k-1])), m.nodes[last][0].sub(m.nodes[k-1][0]).times(1/float64(lines[last]-lines[k-1]))
		m.look(0, k, between(m.nodes[0][k-1], m.nodes[0][last], part), right, between(topRight.down, topLeft.down, near), farOnEdge)
		m.look(k, 0, between(m.nodes[k-1][0], m.nodes[last][0], part), between(bottomLeft.right, topLeft.right, near), down, farOnEdge)
	}
	for i := 1; i < n; i++ {
		for j := 1; j < n; j++ {
			above, left, corner := m.nodes[i-1][j], m.nodes[i][j-1], m.nodes[i-1][j-1]
			right := above.sub(corner).times(1 / float64(lines[j]-lines[j-1]))
			down := left.sub(corner).times(1 / float64(lines[i]-lines[i-1]))
			m.look(i, j, above.add(left).sub(corner), right, down, farInside)
		}
	}
	m.mend()
	return m
}

// mend looks again for what was not seen, from where it was seen on both sides.
func (m *mesh) mend() {
	last := len(m.lines) - 1
	for i := range m.nodes {
		for j := range m.nodes[i] {
			if m.seen[i][j] || (i == 0 || i == last) && (j == 0 || j == last) && i+j != 2*last {
				continue
			}
			var sum point
			n := 0.0
			if i > 0 && i < last && m.seen[i-1][j] && m.seen[i+1][j] {
				f := float64(m.lines[i]-m.lines[i-1]) / float64(m.lines[i+1]-m.lines[i-1])
				sum, n = sum.add(between(m.nodes[i-1][j], m.nodes[i+1][j], f)), n+1
			}
			if j > 0 && j < last && m.seen[i][j-1] && m.seen[i][j+1] {
				f := float64(m.lines[j]-m.lines[j-1]) / float64(m.lines[j+1]-m.lines[j-1])
				sum, n = sum.add(between(m.nodes[i][j-1], m.nodes[i][j+1], f)), n+1
			}
			if n > 0 {
				right, down := m.steps(i, j)
				m.look(i, j, sum.times(1/n), right, down, farInside)
			}
		}
	}
}

// steps are the ways from one module to the next around a node.
func (m *mesh) steps(i, j int) (right, down point) {
	last := len(m.lines) - 1
	a, b := max(j-1, 0), min(j+1, last)
	right = m.nodes[i][b].sub(m.nodes[i][a]).times(1 / float64(m.lines[b]-m.lines[a]))
	a, b = max(i-1, 0), min(i+1, last)
	down = m.nodes[b][j].sub(m.nodes[a][j]).times(1 / float64(m.lines[b]-m.lines[a]))
	return right, down
}

// look looks for an alignment pattern around a place: five by five modules, dark, in
// them three by three light, in the middle one dark (ISO/IEC 18004 §6.3.6).
func (m *mesh) look(i, j int, expected, right, down point, far float64) {
	m.nodes[i][j] = expected
	best, at := 0.0, expected
	middle := expected
	for step := 0.5; step >= 0.125; step /= 2 {
		best = 0
		n := int(math.Round(far / step))
		if step < 0.5 {
			n = 2
		}
		patch := m.patch(middle, right, down, step, n)
		side := 2*n + 1 + int(math.Round(4/step))
		pitch := int(math.Round(1 / step))
		for y := -n; y <= n; y++ {
			for x := -n; x <= n; x++ {
				p := middle.add(right.times(float64(x) * step)).add(down.times(float64(y) * step))
				off := p.sub(expected).length() / right.length()
				if like := alike(patch, side, x+n, y+n, pitch) - 0.03*off; like > best {
					best, at = like, p
				}
			}
		}
		if best < least-0.1 {
			return
		}
		middle = at
	}
	if best < least {
		return
	}
	m.nodes[i][j], m.seen[i][j] = at, true
	m.sure++
}

// patch is the picture around a place in steps of parts of a module.
func (m *mesh) patch(middle, right, down point, step float64, n int) []float64 {
	reach := n + int(math.Round(2/step))
	out := make([]float64, 0, (2*reach+1)*(2*reach+1))
	for y := -reach; y <= reach; y++ {
		for x := -reach; x <= reach; x++ {
			p := middle.add(right.times(float64(x) * step)).add(down.times(float64(y) * step))
			out = append(out, m.g.at(p.x, p.y))
		}
	}
	return out
}

// alike is the correlation of a part of a patch with an alignment pattern.
func alike(patch []float64, side, left, top, pitch int) float64 {
	var sum, squares, light float64
	for y := range 5 {
		for x := range 5 {
			v := patch[(top+y*pitch)*side+left+x*pitch]
			sum, squares = sum+v, squares+v*v
			if max(x-2, 2-x, y-2, 2-y) == 1 {
				light += v
			}
		}
	}
	spread := squares - sum*sum/25
	if spread < 25 {
		return 0
	}
	return (light - sum*8/25) / math.Sqrt(spread*8*17/25)
}

// at is where the middle of a module lies.
func (m *mesh) at(x, y int) point {
	j, i := m.cell(x), m.cell(y)
	fx := float64(x-m.lines[j]) / float64(m.lines[j+1]-m.lines[j])
	fy := float64(y-m.lines[i]) / float64(m.lines[i+1]-m.lines[i])
	return between(between(m.nodes[i][j], m.nodes[i][j+1], fx), between(m.nodes[i+1][j], m.nodes[i+1][j+1], fx), fy)
}

func (m *mesh) cell(x int) int {
	k := 0
	for k < len(m.lines)-2 && x >= m.lines[k+1] {
		k++
	}
	return k
}
