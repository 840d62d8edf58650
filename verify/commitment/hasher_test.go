package commitment_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"adamas.example/verify/commitment"
)

// TestPlain: this Go writes the state of SHA-256 out as hasher.go reads it. One that
// does not makes every verdict slower, and none wrong.
func TestPlain(t *testing.T) {
	if !commitment.Plain() {
		t.Error("crypto/sha256 writes its state in another form: hasher.go has to read that")
	}
}

// TestBothWays: the usual way of hashing, for a library that writes its state in
// another form, gives the same roots, for values that end near the end of a block too.
// That they are right, TestSecondComputation shows.
func TestBothWays(t *testing.T) {
	for length := range 300 {
		var fs []commitment.Fact
		for label := uint64(1); label < 1<<20; label = 3*label + 1 {
			f, err := commitment.NewFact(label, strings.Repeat("x", length))
			if err != nil {
				t.Fatal(err)
			}
			fs = append(fs, f)
		}
		whole := &commitment.Disclosure{Seed: seed, Facts: fs}
		part, err := whole.Select(func(l uint64) bool { return l%2 == 0 })
		if err != nil {
			t.Fatal(err)
		}
		want := whole.RootBy(false)
		if got := whole.RootBy(true); got != want {
			t.Errorf("values of %d characters: %v, want %v", length, got, want)
		}
		if a, b := part.RootBy(true), part.RootBy(false); a != want || b != want {
			t.Errorf("values of %d characters, hidden: %v and %v, want %v", length, a, b, want)
		}
	}
}

// TestOpener: one Opener, asked by many at once for true and false disclosures of
// different seeds, says what Open says.
func TestOpener(t *testing.T) {
	var opener commitment.Opener
	var all sync.WaitGroup
	shown := facts(t, 1, 2, 33, 34)
	for one := range 4 {
		all.Go(func() {
			for n := range 200 {
				seed := fmt.Appendf(nil, "SYNTHETIC %06d", one*1000+n)
				d := &commitment.Disclosure{Seed: seed, Facts: shown}
				root, err := commitment.Commit(seed, d.Facts)
				if err != nil {
					t.Error(err)
				}
				if n%3 == 0 {
					d.Seed[n%len(seed)] ^= 1
				}
				_, want := d.Open(root)
				if _, got := opener.Open(d, root); !errors.Is(got, want) || (got == nil) != (n%3 != 0) {
					t.Errorf("disclosure %d: %v, want %v", n, got, want)
				}
			}
		})
	}
	all.Wait()
}
