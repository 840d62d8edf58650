//go:build unix

package tilelog

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// grow opens the log once for each batch, so that batches are what they are
// meant to be: full, and written at once.
func grow(t *testing.T, e engine, dir string, seed uint64, from int, batches []int) int {
	t.Helper()
	for _, n := range batches {
		r := e.start(t, dir, options(t).WithBatching(uint(n), time.Hour))
		r.append(from, someEntries(seed, from, n))
		from += n
		if got := r.size(); got != uint64(from) {
			t.Fatalf("integrated size %d, want %d", got, from)
		}
		r.stop()
	}
	r := e.start(t, dir, options(t))
	r.published(from)
	r.stop()
	return from
}

func randomBatches(rnd *rand.Rand, total int) []int {
	var out []int
	for total > 0 {
		n := min(total, 1+rnd.IntN(1+rnd.IntN(400)))
		out = append(out, n)
		total -= n
	}
	return out
}

// TestSameFilesAsPOSIX: from the same entries in the same batches both drivers
// write the same files with the same bytes, partial tiles, state and checkpoint
// and all.
func TestSameFilesAsPOSIX(t *testing.T) {
	tests := [][]int{
		{1}, {255}, {256}, {257}, {1, 255}, {1, 255, 1}, {255, 2}, {256, 256}, {512}, {300, 300, 300},
		{1, 1, 1, 1, 1, 1, 1}, {2000},
	}
	for seed := range uint64(4) {
		rnd := rand.New(rand.NewPCG(seed, 7))
		tests = append(tests, randomBatches(rnd, 1+rnd.IntN(2000)))
	}
	for seed, batches := range tests {
		t.Run(fmt.Sprint(len(batches), "batches", seed), func(t *testing.T) {
			t.Parallel()
			mine, reference := t.TempDir(), t.TempDir()
			n := grow(t, ours(), mine, uint64(seed), 0, batches)
			grow(t, theirs(), reference, uint64(seed), 0, batches)
			if diff := cmp.Diff(listing(t, reference), listing(t, mine)); diff != "" {
				t.Errorf("batches %v (-posix +tilelog):\n%s", batches, diff)
			}
			if got := checkFolder(t, mine); len(got) != n {
				t.Errorf("%d entries are readable of %d", len(got), n)
			}
		})
	}
}

// TestThreeLevels grows both over 65,536 entries, where the third level of tiles
// begins.
func TestThreeLevels(t *testing.T) {
	t.Parallel()
	mine, reference := t.TempDir(), t.TempDir()
	batches := []int{65_535, 1, 700}
	n := grow(t, ours(), mine, 1, 0, batches)
	grow(t, theirs(), reference, 1, 0, batches)
	if got, want := listing(t, mine), listing(t, reference); !cmp.Equal(got, want) {
		for name := range want {
			if got[name] != want[name] {
				t.Errorf("%s differs", name)
			}
		}
		t.Errorf("%d files, want %d", len(got), len(want))
	}
	// Their partial files are removed as well.
	d := ours().start(t, mine, options(t)).driver.(*Driver)
	for range n/(bundlesPerRun*256) + 1 {
		if err := d.collectOnce(); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(partialDirs(uint64(n)), findPartialDirs(t, mine)); diff != "" {
		t.Errorf("partial folders (-want +got):\n%s", diff)
	}
	if got := checkFolder(t, mine); len(got) != n {
		t.Errorf("%d entries are readable of %d", len(got), n)
	}
}

// TestFolderChangesHands: each driver goes on where the other left off, and the
// files are those that one of them alone writes.
func TestFolderChangesHands(t *testing.T) {
	t.Parallel()
	const seed = 3
	shared, alone := t.TempDir(), t.TempDir()
	from := 0
	turns := [][]int{{100, 27}, {129, 1}, {254}, {300}, {17, 1, 500}}
	for i, batches := range turns {
		from = grow(t, engines()[i%2], shared, seed, from, batches)
	}
	from = 0
	for _, batches := range turns {
		from = grow(t, theirs(), alone, seed, from, batches)
	}
	if diff := cmp.Diff(listing(t, alone), listing(t, shared)); diff != "" {
		t.Errorf("(-posix alone +by turns):\n%s", diff)
	}
}
