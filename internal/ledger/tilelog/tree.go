package tilelog

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/api/layout"
)

// hashSize is the length of a node in a tile in bytes.
const hashSize = 32

// tree is the right-hand edge of a log: all that is needed to make it grow. A
// tree is never changed, only replaced, and may be read by many.
type tree struct {
	size   uint64
	root   []byte   // RFC 6962 section 2.1
	peaks  [][]byte // roots of the perfect subtrees, left to right
	edge   [][]byte // of each tile level the partial tile as stored; empty when the last is full
	bundle []byte   // the partial entry bundle as stored; empty when the last is full
}

// file is one that a growing tree needs on the disk.
type file struct {
	name    string
	content []byte
}

// newRange begins from peaks; it keeps them to itself.
func newRange(size uint64, peaks [][]byte) (*compact.Range, error) {
	factory := compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
	return factory.NewRange(0, size, slices.Clone(peaks))
}

// rootOf is the root of a range; that of nothing is the hash of nothing.
func rootOf(r *compact.Range) ([]byte, error) {
	if r.End() == 0 {
		return rfc6962.DefaultHasher.EmptyRoot(), nil
	}
	return r.GetRootHash(nil)
}

// grow appends entries and says which files that changes: bundles and tiles that
// became full, and the new partial ones. It gives each entry its index.
func (t *tree) grow(entries []*tessera.Entry) (*tree, []file, error) {
	nodes, err := newRange(t.size, t.peaks)
	if err != nil {
		return nil, nil, err
	}
	g := growth{edge: make([][]byte, len(t.edge)), bundle: slices.Clip(t.bundle)}
	for level, tile := range t.edge {
		g.edge[level] = slices.Clip(tile) // what is appended goes into a copy
	}
	for _, e := range entries {
		g.put(nodes.End(), e)
		if err := nodes.Append(e.LeafHash(), g.visit); err != nil {
			return nil, nil, err
		}
	}
	g.finish(nodes.End())
	root, err := rootOf(nodes)
	if err != nil {
		return nil, nil, err
	}
	next := &tree{size: nodes.End(), root: root, peaks: nodes.Hashes(), edge: g.edge, bundle: g.bundle}
	return next, g.files, nil
}

// growth collects the files of one batch.
type growth struct {
	edge   [][]byte
	bundle []byte
	top    int // the highest tile level that got a node
	files  []file
}

// put adds an entry to its bundle.
func (g *growth) put(index uint64, e *tessera.Entry) {
	g.bundle = append(g.bundle, e.MarshalBundleData(index)...)
	if (index+1)%layout.EntryBundleWidth == 0 {
		g.add(layout.EntriesPath(index/layout.EntryBundleWidth, 0), g.bundle)
		g.bundle = nil
	}
}

// visit stores the nodes that tiles hold: every eighth level of the tree.
func (g *growth) visit(id compact.NodeID, hash []byte) {
	if id.Level%layout.TileHeight != 0 {
		return
	}
	level := int(id.Level / layout.TileHeight)
	if level == len(g.edge) {
		g.edge = append(g.edge, nil)
	}
	g.top = max(g.top, level)
	g.edge[level] = append(g.edge[level], hash...)
	if (id.Index+1)%layout.TileWidth == 0 {
		g.add(layout.TilePath(uint64(level), id.Index/layout.TileWidth, 0), g.edge[level])
		g.edge[level] = nil
	}
}

// finish adds the partial files at the edge.
func (g *growth) finish(size uint64) {
	if len(g.bundle) > 0 {
		g.add(layout.EntriesPathForLogIndex(size-1, size), g.bundle)
	}
	for level, tile := range g.edge[:g.top+1] {
		if len(tile) > 0 {
			index, width := edgeTile(uint64(level), size)
			g.add(layout.TilePath(uint64(level), index, width), tile)
		}
	}
}

func (g *growth) add(name string, content []byte) {
	g.files = append(g.files, file{name, content})
}

// edgeTile is the place and width of the partial tile of a level; width 0 when
// the last tile of the level is full or there is none.
func edgeTile(level, size uint64) (index uint64, width uint8) {
	nodes := size >> (level * layout.TileHeight)
	return nodes / layout.TileWidth, uint8(nodes % layout.TileWidth)
}

// errDamaged names the file that is missing or is not what it should be.
type errDamaged struct {
	name  string
	cause error
}

func (e *errDamaged) Error() string { return e.name + ": " + e.cause.Error() }
func (e *errDamaged) Unwrap() error { return e.cause }

// loadTree reads the edge of a tree of the given size and computes its root. The
// bundle is read too when entries are wanted: its hashes must be those of the
// tile above. Any error is an errDamaged.
func loadTree(f folder, size uint64, entries bool) (*tree, error) {
	t := &tree{size: size}
	for level := uint64(0); size>>(level*layout.TileHeight) > 0; level++ {
		tile, err := loadEdge(f, level, size)
		if err != nil {
			return nil, err
		}
		peaks, err := peaksOf(tile)
		if err != nil {
			return nil, &errDamaged{layout.TilePath(level, 0, 0), err}
		}
		t.edge = append(t.edge, tile)
		t.peaks = append(peaks, t.peaks...)
	}
	nodes, err := newRange(size, t.peaks)
	if err == nil {
		t.root, err = rootOf(nodes)
	}
	if err != nil {
		return nil, &errDamaged{statePath, err}
	}
	if index, width := edgeTile(0, size); entries && width > 0 {
		if t.bundle, err = loadBundle(f, index, width, t.edge[0]); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func loadEdge(f folder, level, size uint64) ([]byte, error) {
	index, width := edgeTile(level, size)
	if width == 0 {
		return nil, nil
	}
	name := layout.TilePath(level, index, width)
	tile, err := f.partialOrFull(func(w uint8) string { return layout.TilePath(level, index, w) }, width)
	if err != nil {
		return nil, &errDamaged{name, err}
	}
	want := int(width) * hashSize
	if len(tile) < want {
		return nil, &errDamaged{name, fmt.Errorf("%d bytes, want %d", len(tile), want)}
	}
	return tile[:want:want], nil
}

// peaksOf hashes the nodes of a partial tile into perfect subtrees.
func peaksOf(tile []byte) ([][]byte, error) {
	nodes, err := newRange(0, nil)
	if err != nil {
		return nil, err
	}
	for hash := range slices.Chunk(tile, hashSize) {
		if err := nodes.Append(hash, nil); err != nil {
			return nil, err
		}
	}
	return nodes.Hashes(), nil
}

// loadBundle reads the entries under a partial tile, without any that follow.
func loadBundle(f folder, index uint64, width uint8, tile []byte) ([]byte, error) {
	name := layout.EntriesPath(index, width)
	raw, err := f.partialOrFull(func(w uint8) string { return layout.EntriesPath(index, w) }, width)
	if err != nil {
		return nil, &errDamaged{name, err}
	}
	var bundle api.EntryBundle
	if err := bundle.UnmarshalText(raw); err != nil {
		return nil, &errDamaged{name, err}
	}
	if len(bundle.Entries) < int(width) {
		return nil, &errDamaged{name, fmt.Errorf("%d entries, want %d", len(bundle.Entries), width)}
	}
	length := 0
	for i, data := range bundle.Entries[:width] {
		if !bytes.Equal(rfc6962.DefaultHasher.HashLeaf(data), tile[i*hashSize:(i+1)*hashSize]) {
			return nil, &errDamaged{name, fmt.Errorf("entry %d is not the one in the tile", i)}
		}
		length += 2 + len(data)
	}
	return raw[:length:length], nil
}
