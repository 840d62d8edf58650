package proof

import (
	"slices"
	"sync"

	"adamas.example/verify/canonical"
)

// Nodes remembers inner nodes of the tree under one checkpoint, each with the
// path from it to the root, as proofs that were true have shown them. A proof that
// comes to such a node by its own hashes, with the same path above it, is true as
// well: what would still be hashed is what was hashed before. The papers of one
// office lie close together in its log and share all but the lowest hashes.
//
// It belongs to one checkpoint, and is safe for concurrent use. The zero value
// remembers nothing yet.
type Nodes struct {
	mu    sync.Mutex
	begun bool
	known map[place]ascent
}

// place of an inner node: how many levels above the leaves, and which from the left.
type place struct {
	level int
	index int64
}

type ascent struct {
	node canonical.Hash
	rest []canonical.Hash // the path from node to the root
}

const (
	// apart is how many hashes lie between nodes that are remembered.
	apart = 2
	// mostNodes bounds what is remembered under one checkpoint.
	mostNodes = 4096
)

// passed are the nodes that one proof led through, and how much of its path was
// below each.
type passed struct {
	n      int
	places [maxPath / apart]place
	nodes  [maxPath / apart]canonical.Hash
	below  [maxPath / apart]int
}

// CheckPath is p.CheckPath, for proofs that lead to the checkpoint of n.
func (n *Nodes) CheckPath(p *Proof, leaf canonical.Hash) error { return p.checkPath(leaf, n) }

// leads tells whether a node and the path above it, from the given part of path on,
// are known to be true; if not, it keeps the node in p until the proof has been
// found true.
func (n *Nodes) leads(at place, node canonical.Hash, path []canonical.Hash, below int, p *passed) bool {
	n.mu.Lock()
	way, ok := n.known[at]
	n.mu.Unlock()
	if ok && way.node == node && slices.Equal(way.rest, path[below:]) {
		return true
	}
	p.places[p.n], p.nodes[p.n], p.below[p.n] = at, node, below
	p.n++
	return false
}

// keep remembers what a true proof has passed. The first proof under a checkpoint
// leaves nothing: most checkpoints are those of one paper.
func (n *Nodes) keep(p *passed, path []canonical.Hash) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.begun {
		n.begun = true
		return
	}
	if n.known == nil || len(n.known) > mostNodes {
		n.known = make(map[place]ascent)
	}
	kept := make([]canonical.Hash, len(path)) // the caller may use its room again
	copy(kept, path)
	for i := range p.n {
		n.known[p.places[i]] = ascent{p.nodes[i], kept[p.below[i]:]}
	}
}
