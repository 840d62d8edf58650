package pack

import (
	"crypto/sha256"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"adamas.example/verify/canonical"
)

// stored is a log in memory, as tlog keeps one.
type stored []tlog.Hash

func (s *stored) ReadHashes(idx []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(idx))
	for i, x := range idx {
		out[i] = (*s)[x]
	}
	return out, nil
}

// TestRoot compares the tree with tlog's at random sizes, and with the bare
// words of RFC 9162 at every small one.
func TestRoot(t *testing.T) {
	const n = 5000
	var log stored
	var leaves []byte
	for i := range int64(n) {
		entry := []byte{byte(i), byte(i >> 8), 'x'}
		h := tlog.RecordHash(entry)
		leaves = append(leaves, h[:]...)
		hs, err := tlog.StoredHashesForRecordHash(i, h, &log)
		if err != nil {
			t.Fatal(err)
		}
		log = append(log, hs...)
	}
	check := func(t interface{ Fatalf(string, ...any) }, tree *tree, size int64) {
		want, err := tlog.TreeHash(size, &log)
		if err != nil {
			t.Fatalf("%v", err)
		}
		if got := tree.root(uint64(size)); got != canonical.Hash(want) {
			t.Fatalf("root of %d: %v, want %v", size, got, want)
		}
	}
	whole := newTree(leaves)
	for _, size := range []int64{0, 1, 2, 255, 256, 257, 511, 512, 513, 4095, 4096, 4097, n} {
		check(t, whole, size)
	}
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.Int64Range(0, n).Draw(t, "size")
		tree := newTree(leaves[:size*canonical.HashSize])
		if tree.size() != uint64(size) {
			t.Fatalf("size %d, want %d", tree.size(), size)
		}
		check(t, tree, size)
		check(t, tree, rapid.Int64Range(0, size).Draw(t, "earlier"))
	})
	for size := range 40 {
		if got := whole.root(uint64(size)); got != plain(leaves[:size*canonical.HashSize]) {
			t.Fatalf("root of %d: %v", size, got)
		}
	}
}

// plain is MTH as RFC 9162 §2.1.1 writes it.
func plain(leaves []byte) canonical.Hash {
	n := len(leaves) / canonical.HashSize
	switch n {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return canonical.Hash(leaves)
	}
	k := 1
	for 2*k < n {
		k *= 2
	}
	l, r := plain(leaves[:k*canonical.HashSize]), plain(leaves[k*canonical.HashSize:])
	return sha256.Sum256(append(append([]byte{1}, l[:]...), r[:]...))
}

// TestBigTree crosses the second level of tiles: 65,536 leaves.
func TestBigTree(t *testing.T) {
	leaves := make([]byte, 66000*canonical.HashSize)
	for i := range 66000 {
		h := sha256.Sum256([]byte{byte(i), byte(i >> 8), byte(i >> 16)})
		copy(leaves[i*canonical.HashSize:], h[:])
	}
	tree := newTree(leaves)
	if len(tree.levels) != 5 {
		t.Fatalf("%d levels, want 5", len(tree.levels))
	}
	for _, n := range []int{65535, 65536, 65537, 66000} {
		if got := tree.root(uint64(n)); got != plain(leaves[:n*canonical.HashSize]) {
			t.Errorf("root of %d: %v", n, got)
		}
	}
	if got := tree.leaf(65536); got != canonical.Hash(leaves[65536*32:65537*32]) {
		t.Error("leaf 65536")
	}
}
