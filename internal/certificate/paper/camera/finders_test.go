package camera

import "testing"

// TestTiled: a picture that is all corners of codes costs no more than another.
func TestTiled(t *testing.T) {
	const tile = 18
	square := func(x, y int) bool { // a corner's square of seven modules, and the light around it
		x, y = x/2, y/2
		d := max(x-4, 4-x, y-4, 4-y)
		return d == 3 || d < 2
	}
	b := &binary{w: 4000 * tile, h: tile}
	b.dark = make([]bool, b.w*b.h)
	for i := range b.dark {
		b.dark[i] = square(i%b.w%tile, i/b.w)
	}
	if found := b.findRow(nil, tile/2); len(found) < mostCentres || len(found) > mostKnown+1 {
		t.Errorf("%d were found in one row, at most %d", len(found), mostKnown)
	}
}
