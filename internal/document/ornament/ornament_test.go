package ornament

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"adamas.example/verify/canonical"
)

func TestCheckWords(t *testing.T) {
	for hash, want := range map[canonical.Hash]string{
		{}:                                   "abandon abandon abandon abandon",
		{0xff, 0xff, 0xff, 0xff, 0xff, 0xf0}: "zoo zoo zoo zoo",
	} {
		if got := CheckWords(hash); got != want {
			t.Errorf("%x: %q, want %q", hash[:6], got, want)
		}
	}
	if CheckWords(canonical.Hash{1}) == CheckWords(canonical.Hash{2}) {
		t.Error("two hashes have the same words")
	}
}

// TestDraw: a digest has its own drawing, all of it inside of its box, and the curves
// are those of the paper.
func TestDraw(t *testing.T) {
	seen := map[string]bool{}
	for i := range 40 {
		digest := canonical.Sum([]byte{byte(i)})
		if i == 0 {
			for j := range digest { // as wide as a rosette can be
				digest[j] = 0
				if j%6 == 3 {
					digest[j] = 255
				}
			}
		}
		d := Draw(digest)
		if seen[d.Path] || d != Draw(digest) {
			t.Fatal("not the digest's own")
		}
		seen[d.Path] = true
		var points int
		for _, piece := range strings.FieldsFunc(d.Path, func(c rune) bool { return strings.ContainsRune("MLZ ", c) }) {
			v, err := strconv.ParseFloat(piece, 64)
			if err != nil || math.Abs(v) > 22 || piece == "-0" {
				t.Fatalf("%q in %s (%v)", piece, d.ViewBox, err)
			}
			points++
		}
		if want := 2 * 20 * 481; points != want || strings.Count(d.Path, "Z") != 20 {
			t.Fatalf("%d numbers, want %d", points, want)
		}
	}
}
