package proof_test

import (
	"errors"
	"sync"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"adamas.example/verify/canonical"
	"adamas.example/verify/proof"
)

// byTlog is the judge of a path: the module proxy's own code.
func byTlog(p *proof.Proof, leaf canonical.Hash) error {
	path := make(tlog.RecordProof, len(p.Path))
	for i, h := range p.Path {
		path[i] = tlog.Hash(h)
	}
	if p.Index >= p.Checkpoint.Size {
		return proof.ErrPath
	}
	return tlog.CheckRecord(path, p.Checkpoint.Size, tlog.Hash(p.Checkpoint.Root), p.Index, tlog.Hash(leaf))
}

// TestNodesProveNothingElse: whatever Nodes have seen, in whatever order, they
// take the paths that are true and no others: with another hash anywhere, one too
// few, one too many, of another leaf or at another place.
func TestNodesProveNothingElse(t *testing.T) {
	l, _, _ := grown(t, 300)
	proofs := map[int64][]*proof.Proof{}
	for _, size := range []int64{1, 2, 7, 64, 100, 257, 300} {
		for i := range size {
			proofs[size] = append(proofs[size], l.Proof(i, size, l.Checkpoint(size, at)))
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		good := proofs[rapid.SampledFrom([]int64{1, 2, 7, 64, 100, 257, 300}).Draw(t, "size")]
		var nodes proof.Nodes
		for range rapid.IntRange(1, 60).Draw(t, "proofs") {
			index := rapid.IntRange(0, len(good)-1).Draw(t, "index")
			p, leaf := *good[index], proof.LeafHash(l.Leaves[index])
			if err := nodes.CheckPath(&p, leaf); err != nil {
				t.Fatalf("entry %d of %d: %v", index, len(good), err)
			}
			p.Path = append([]canonical.Hash{}, p.Path...)
			switch rapid.IntRange(0, 4).Draw(t, "bend") {
			case 0:
				leaf[rapid.IntRange(0, 31).Draw(t, "byte")] ^= 1
			case 1:
				p.Index = rapid.Int64Range(-1, int64(len(good))).Draw(t, "other")
			case 2:
				p.Path = append(p.Path, canonical.Hash{1})
			case 3:
				p.Path = p.Path[:rapid.IntRange(0, len(p.Path)).Draw(t, "cut")]
			case 4:
				if len(p.Path) > 0 {
					p.Path[rapid.IntRange(0, len(p.Path)-1).Draw(t, "at")][rapid.IntRange(0, 31).Draw(t, "byte")] ^= 1
				}
			}
			want := p.Index < 0 || byTlog(&p, leaf) != nil
			if got := nodes.CheckPath(&p, leaf); (got != nil) != want || got != nil && !errors.Is(got, proof.ErrPath) {
				t.Fatalf("bent proof of entry %d of %d: %v, refused by tlog is %t", index, len(good), got, want)
			}
			if got := p.CheckPath(leaf); (got != nil) != want {
				t.Fatalf("without nodes: %v, refused by tlog is %t", got, want)
			}
		}
	})
}

// TestNodesTogether: many may ask at once.
func TestNodesTogether(t *testing.T) {
	l, _, _ := grown(t, 64)
	text := l.Checkpoint(64, at)
	var nodes proof.Nodes
	var all sync.WaitGroup
	for i := range int64(64) {
		p, leaf := l.Proof(i, 64, text), proof.LeafHash(l.Leaves[i])
		all.Go(func() {
			if err := nodes.CheckPath(p, leaf); err != nil {
				t.Errorf("entry %d: %v", i, err)
			}
		})
	}
	all.Wait()
}
