package pack

import "adamas.example/verify/canonical"

// tree holds a log's leaf hashes and the roots of every complete subtree of 16,
// 256, 4096, ... leaves, so that the root at any earlier size costs some thirty
// hashes and not a million, for one fifteenth more memory.
type tree struct {
	levels [][]byte // hashes joined; level 0 are the leaves
}

const levelBits = 4

func newTree(leaves []byte) *tree {
	t := &tree{levels: [][]byte{leaves}}
	for {
		below := t.levels[len(t.levels)-1]
		n := len(below) / canonical.HashSize >> levelBits
		if n == 0 {
			return t
		}
		level := make([]byte, 0, n*canonical.HashSize)
		for i := range n {
			h := fold(below[i<<levelBits*canonical.HashSize : (i+1)<<levelBits*canonical.HashSize])
			level = append(level, h[:]...)
		}
		t.levels = append(t.levels, level)
	}
}

// fold hashes a complete subtree whose leaves are joined in b.
func fold(b []byte) canonical.Hash {
	if len(b) == canonical.HashSize {
		return canonical.Hash(b)
	}
	mid := len(b) / 2
	return canonical.Node(fold(b[:mid]), fold(b[mid:]))
}

func (t *tree) size() uint64 { return uint64(len(t.levels[0]) / canonical.HashSize) }

func (t *tree) leaf(i uint64) canonical.Hash {
	return canonical.Hash(t.levels[0][i*canonical.HashSize : (i+1)*canonical.HashSize])
}

// subtree is the root of the complete subtree number i of 2^bits leaves.
func (t *tree) subtree(bits uint, i uint64) canonical.Hash {
	if bits%levelBits == 0 && int(bits/levelBits) < len(t.levels) {
		l := t.levels[bits/levelBits]
		return canonical.Hash(l[i*canonical.HashSize : (i+1)*canonical.HashSize])
	}
	return canonical.Node(t.subtree(bits-1, 2*i), t.subtree(bits-1, 2*i+1))
}

// root is MTH (RFC 9162 §2.1.1) of the first n leaves; n is at most size.
func (t *tree) root(n uint64) canonical.Hash {
	if n == 0 {
		return canonical.Sum(nil)
	}
	var right canonical.Hash
	have := false
	// From the smallest complete subtree of n's binary form to the largest.
	for bits := uint(0); n>>bits != 0; bits++ {
		if n>>bits&1 == 0 {
			continue
		}
		h := t.subtree(bits, n>>bits-1)
		if have {
			h = canonical.Node(h, right)
		}
		right, have = h, true
	}
	return right
}

// growing computes the roots of a log that is read once, from some sixty hashes.
type growing struct {
	n     uint64
	stack []canonical.Hash // roots of the complete subtrees of n's binary form, the largest first
}

func (g *growing) add(h canonical.Hash) {
	for n := g.n; n&1 == 1; n >>= 1 {
		top := len(g.stack) - 1
		h, g.stack = canonical.Node(g.stack[top], h), g.stack[:top]
	}
	g.stack = append(g.stack, h)
	g.n++
}

// root is MTH (RFC 9162 §2.1.1) of what was added.
func (g *growing) root() canonical.Hash {
	if g.n == 0 {
		return canonical.Sum(nil)
	}
	h := g.stack[len(g.stack)-1]
	for i := len(g.stack) - 2; i >= 0; i-- {
		h = canonical.Node(g.stack[i], h)
	}
	return h
}
