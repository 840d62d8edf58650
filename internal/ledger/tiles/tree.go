package tiles

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"
	"golang.org/x/sync/errgroup"

	"adamas.example/internal/fault"
	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
)

// parallel is how many files are read at a time.
const parallel = 8

// Tree reads what one checkpoint of a log covers. It is for one goroutine.
type Tree struct {
	src  *Source
	cp   *policy.Checkpoint
	edge [][]byte // by level: the hashes right of the last full tile, nil for none
	full []kept   // by level: the full tile read last
}

type kept struct {
	n    int64
	data []byte
}

// OpenTree reads the right edge of the tree, a few files, and holds it against
// the checkpoint's root. Faults: those of reading, ledger.source_damaged,
// ledger.source_incomplete.
func OpenTree(ctx context.Context, src *Source, cp *policy.Checkpoint) (*Tree, error) {
	t := &Tree{src: src, cp: cp}
	for level := 0; t.nodes(level) > 0; level++ {
		var data []byte
		if tile, ok := t.edgeTile(level); ok {
			var err error
			if data, err = src.tile(ctx, tile); err != nil {
				return nil, err
			}
		}
		t.edge, t.full = append(t.edge, data), append(t.full, kept{n: -1})
	}
	if rootOf(t.edge) != cp.Root {
		return nil, src.damaged(t.blame(ctx), errors.New("the right edge does not have the root that was signed"))
	}
	return t, nil
}

// Size is the number of entries.
func (t *Tree) Size() int64 { return t.cp.Size }

// nodes is the number of hashes at a level of tiles: complete subtrees of
// 256^level entries.
func (t *Tree) nodes(level int) int64 { return t.cp.Size >> (torchwood.TileHeight * level) }

// edgeTile is the partial tile at a level; ok is false when all are full.
func (t *Tree) edgeTile(level int) (tile tlog.Tile, ok bool) {
	n := t.nodes(level)
	return tlog.Tile{H: torchwood.TileHeight, L: level, N: n / width, W: int(n % width)}, n%width != 0
}

// rootOf computes the tree hash (RFC 9162 §2.1.1) over the hashes at the right
// edge of every level, the leaves first.
func rootOf(edge [][]byte) canonical.Hash {
	var root tlog.Hash
	have := false
	for _, data := range edge {
		// The complete subtrees within a partial tile, from the right.
		for end := len(data) / tlog.HashSize; end > 0; {
			size := end & -end
			h := fold(data[(end-size)*tlog.HashSize : end*tlog.HashSize])
			if have {
				h = tlog.NodeHash(h, root)
			}
			root, have, end = h, true, end-size
		}
	}
	if !have {
		return canonical.Sum(nil)
	}
	return canonical.Hash(root)
}

// fold hashes a complete subtree whose leaf hashes are joined in data.
func fold(data []byte) tlog.Hash {
	if len(data) == tlog.HashSize {
		return tlog.Hash(data)
	}
	half := len(data) / 2
	return tlog.NodeHash(fold(data[:half]), fold(data[half:]))
}

// hash gives hash number i of a level.
func (t *Tree) hash(ctx context.Context, level int, i int64) (tlog.Hash, error) {
	data, err := t.tile(ctx, level, i/width)
	if err != nil {
		return tlog.Hash{}, err
	}
	return tlog.Hash(data[i%width*tlog.HashSize:][:tlog.HashSize]), nil
}

// tile gives what of a tile lies in the tree. A full one is held against its
// hash in the tile above.
func (t *Tree) tile(ctx context.Context, level int, n int64) ([]byte, error) {
	if n == t.nodes(level)/width {
		return t.edge[level], nil
	}
	if k := t.full[level]; k.n == n {
		return k.data, nil
	}
	want, err := t.hash(ctx, level+1, n)
	if err != nil {
		return nil, err
	}
	tile := tlog.Tile{H: torchwood.TileHeight, L: level, N: n, W: width}
	data, err := t.read(ctx, tile, func(data []byte) bool { return fold(data) == want })
	if err != nil {
		return nil, err
	}
	t.full[level] = kept{n, data}
	return data, nil
}

var errMismatch = errors.New("its content is not what the tree above it says")

// RootAt is the tree hash at an earlier size, computed from verified hashes.
func (t *Tree) RootAt(ctx context.Context, size int64) (canonical.Hash, error) {
	if size < 0 || size > t.cp.Size {
		return canonical.Hash{}, fmt.Errorf("tiles: a tree of %d has no root at %d", t.cp.Size, size)
	}
	var edge [][]byte
	for level := 0; size>>(torchwood.TileHeight*level) > 0; level++ {
		n := size >> (torchwood.TileHeight * level)
		var data []byte
		if n%width != 0 {
			var err error
			if data, err = t.tile(ctx, level, n/width); err != nil {
				return canonical.Hash{}, err
			}
		}
		edge = append(edge, data[:n%width*tlog.HashSize])
	}
	return rootOf(edge), nil
}

// Fork is the cause within a fault ledger.log_forked: two signed checkpoints of
// one log that cannot both be of it. Whoever holds both can prove it to anyone.
type Fork struct {
	Known, Found Vector
}

// Vector is a log's size and root.
type Vector struct {
	Origin string
	Size   int64
	Root   canonical.Hash
}

// Error names both.
func (f *Fork) Error() string {
	return fmt.Sprintf("log %s: size %d with root %s, and size %d with root %s", f.Known.Origin, f.Known.Size, f.Known.Root, f.Found.Size, f.Found.Root)
}

// Extends proves that the tree contains the one of the given size and root, which
// was known before and is no larger. Fault ledger.log_forked.
func (t *Tree) Extends(ctx context.Context, size int64, root canonical.Hash) error {
	have, err := t.RootAt(ctx, size)
	if err != nil || have == root {
		return err
	}
	return forked(Vector{t.cp.Origin, size, root}, Vector{t.cp.Origin, t.cp.Size, t.cp.Root})
}

// Precedes proves that a checkpoint found later, and no larger, is an earlier
// state of the tree, which was known before. Fault ledger.log_forked.
func (t *Tree) Precedes(ctx context.Context, found *policy.Checkpoint) error {
	have, err := t.RootAt(ctx, found.Size)
	if err != nil || have == found.Root {
		return err
	}
	return forked(Vector{t.cp.Origin, t.cp.Size, t.cp.Root}, Vector{t.cp.Origin, found.Size, found.Root})
}

func forked(known, found Vector) error {
	return fault.Conflict("ledger.log_forked", fault.Arg("origin", known.Origin),
		fault.Arg("known_size", known.Size), fault.Arg("known_root", known.Root.String()),
		fault.Arg("found_size", found.Size), fault.Arg("found_root", found.Root.String()), fault.Because(&Fork{known, found}))
}

// Scan reads the entries from an index to the end, in order, and gives them to
// each by the bundle: the first call begins with entry from. It ends with the
// first error, its own or each's.
func (t *Tree) Scan(ctx context.Context, from int64, each func(first int64, entries [][]byte) error) error {
	for b := from / width; max(from, b*width) < t.cp.Size; b += parallel / 2 {
		group, err := t.bundles(ctx, b, min(b+parallel/2, (t.cp.Size+width-1)/width), t.read)
		if err != nil {
			return err
		}
		for i, raw := range group {
			first := (b + int64(i)) * width
			_, entries, err := cut(raw, int(min(width, t.cp.Size-first)))
			if err != nil {
				return err
			}
			skip := max(0, from-first)
			if err := each(first+skip, entries[skip:]); err != nil {
				return err
			}
		}
	}
	return nil
}

// read reads one file and holds it against the tree by the given test.
func (t *Tree) read(ctx context.Context, tile tlog.Tile, good func([]byte) bool) ([]byte, error) {
	data, err := t.src.tile(ctx, tile)
	if err == nil && !good(data) {
		err = t.src.damaged(torchwood.TilePath(tile), errMismatch)
	}
	return data, err
}

// bundles gets bundles side by side, each by get with the test it must pass.
func (t *Tree) bundles(ctx context.Context, from, until int64, get func(context.Context, tlog.Tile, func([]byte) bool) ([]byte, error)) ([][]byte, error) {
	good := make([]func([]byte) bool, until-from)
	for i := range good {
		var err error
		if good[i], err = t.bundleCheck(ctx, from+int64(i)); err != nil {
			return nil, err
		}
	}
	out := make([][]byte, len(good))
	g, sub := errgroup.WithContext(ctx)
	for i := range out {
		g.Go(func() (err error) {
			out[i], err = get(sub, t.bundleTile(from+int64(i)), good[i])
			return err
		})
	}
	return out, g.Wait()
}

func (t *Tree) bundleTile(n int64) tlog.Tile {
	return tlog.Tile{H: torchwood.TileHeight, L: -1, N: n, W: int(min(width, t.cp.Size-n*width))}
}

// bundleCheck gives the test that a bundle's bytes must pass. A full bundle is
// held against the hash over its whole tile, so the tile itself is not read.
func (t *Tree) bundleCheck(ctx context.Context, n int64) (func([]byte) bool, error) {
	w := t.bundleTile(n).W
	if w < width {
		return func(raw []byte) bool { return bytes.Equal(leafHashes(raw, w), t.edge[0]) }, nil
	}
	want, err := t.hash(ctx, 1, n)
	return func(raw []byte) bool {
		hashes := leafHashes(raw, w)
		return hashes != nil && fold(hashes) == want
	}, err
}

// leafHashes computes the hash tile of a bundle that holds exactly w entries;
// nil for anything else.
func leafHashes(raw []byte, w int) []byte {
	used, entries, err := cut(raw, w)
	if err != nil || used != len(raw) {
		return nil
	}
	out := make([]byte, 0, w*tlog.HashSize)
	for _, e := range entries {
		h := tlog.RecordHash(e)
		out = append(out, h[:]...)
	}
	return out
}

// blame finds which file of a right edge that has the wrong root is damaged: the
// one that, made anew from the files below it, gives the right root. When no
// single one does, all are named. The tree is no good either way: this only
// chooses the words.
func (t *Tree) blame(ctx context.Context) string {
	var all []string
	for level, have := range t.edge {
		tile, ok := t.edgeTile(level)
		if !ok {
			continue
		}
		all = append(all, torchwood.TilePath(tile))
		made, err := t.remake(ctx, tile)
		if err != nil || bytes.Equal(made, have) {
			continue
		}
		edge := slices.Clone(t.edge)
		edge[level] = made
		if rootOf(edge) == t.cp.Root {
			return torchwood.TilePath(tile)
		}
	}
	if all == nil {
		return "checkpoint"
	}
	return strings.Join(all, ", ")
}

// remake computes a tile from the files below it, which nothing vouches for.
func (t *Tree) remake(ctx context.Context, tile tlog.Tile) ([]byte, error) {
	if tile.L == 0 {
		raw, err := t.src.tile(ctx, t.bundleTile(tile.N))
		return leafHashes(raw, tile.W), err
	}
	var out []byte
	for i := range int64(tile.W) {
		below, err := t.src.tile(ctx, tlog.Tile{H: tile.H, L: tile.L - 1, N: tile.N*width + i, W: width})
		if err != nil {
			return nil, err
		}
		h := fold(below)
		out = append(out, h[:]...)
	}
	return out, nil
}
