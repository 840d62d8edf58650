// Package bulklog writes whole logs as C2SP tlog-tiles in one go: for folders that
// are worth nothing until they are finished.
//
// Invariants: a bundle or tile is written once, when it is full or when the log is
// closed; a Writer holds the right edge of its tree only; it writes no checkpoint.
//
// Errors are those of the file system. Imports: verify/canonical.
package bulklog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"

	"adamas.example/verify/canonical"
)

const width = torchwood.TileWidth

// Writer writes one log as C2SP tlog-tiles: a bundle of entries and tiles of
// hashes as soon as they are full, the partial ones and the checkpoint when the
// log is closed. It holds the right edge only.
//
// Tessera is not used: it makes every batch durable on its own, which for a
// folder that is worth nothing until it is whole is time for nothing. Its fsck
// judges the result in the tests.
type Writer struct {
	Dir    string // of the log
	Size   int64  // entries so far
	bundle []byte
	edge   [][]tlog.Hash // by level of tiles: the hashes right of the last full tile
	Bytes  int64         // on the disk so far
}

// LeafHash is the log's hash of an entry (RFC 9162 2.1.1).
func LeafHash(b []byte) canonical.Hash { return canonical.Hash(tlog.RecordHash(b)) }

// Append adds an entry and gives its index.
func (l *Writer) Append(entry []byte, leaf canonical.Hash) (int64, error) {
	if len(entry) > 0xffff {
		return 0, fmt.Errorf("entry of %d bytes", len(entry))
	}
	l.bundle = binary.BigEndian.AppendUint16(l.bundle, uint16(len(entry)))
	l.bundle = append(l.bundle, entry...)
	index := l.Size
	l.Size++
	if l.Size%width == 0 {
		if err := l.write(tlog.Tile{H: torchwood.TileHeight, L: -1, N: index / width, W: width}, l.bundle); err != nil {
			return 0, err
		}
		l.bundle = l.bundle[:0]
	}
	return index, l.push(0, index, tlog.Hash(leaf))
}

// push adds the n-th hash of a level; a full tile is written, and its own hash
// goes to the level above.
func (l *Writer) push(level int, n int64, h tlog.Hash) error {
	if level == len(l.edge) {
		l.edge = append(l.edge, make([]tlog.Hash, 0, width))
	}
	l.edge[level] = append(l.edge[level], h)
	if len(l.edge[level]) < width {
		return nil
	}
	if err := l.write(tlog.Tile{H: torchwood.TileHeight, L: level, N: n / width, W: width}, joined(l.edge[level])); err != nil {
		return err
	}
	up := foldHashes(l.edge[level])
	l.edge[level] = l.edge[level][:0]
	return l.push(level+1, n/width, up)
}

// Close writes what is partial and gives the root.
func (l *Writer) Close() (canonical.Hash, error) {
	if l.Size == 0 {
		return canonical.Hash{}, errors.New("an empty log")
	}
	if w := l.Size % width; w > 0 {
		if err := l.write(tlog.Tile{H: torchwood.TileHeight, L: -1, N: l.Size / width, W: int(w)}, l.bundle); err != nil {
			return canonical.Hash{}, err
		}
	}
	var root tlog.Hash
	have := false
	for level, hashes := range l.edge {
		if len(hashes) > 0 {
			n := l.Size >> (level * torchwood.TileHeight)
			if err := l.write(tlog.Tile{H: torchwood.TileHeight, L: level, N: n / width, W: len(hashes)}, joined(hashes)); err != nil {
				return canonical.Hash{}, err
			}
		}
		for end := len(hashes); end > 0; {
			size := end & -end
			h := foldHashes(hashes[end-size : end])
			if have {
				h = tlog.NodeHash(h, root)
			}
			root, have, end = h, true, end-size
		}
	}
	return canonical.Hash(root), nil
}

func (l *Writer) write(t tlog.Tile, content []byte) error {
	path := filepath.Join(l.Dir, filepath.FromSlash(torchwood.TilePath(t)))
	l.Bytes += int64(len(content))
	err := os.WriteFile(path, content, 0o644)
	if errors.Is(err, os.ErrNotExist) {
		if err = os.MkdirAll(filepath.Dir(path), 0o755); err == nil {
			err = os.WriteFile(path, content, 0o644)
		}
	}
	return err
}

func joined(hashes []tlog.Hash) []byte {
	out := make([]byte, 0, len(hashes)*tlog.HashSize)
	for _, h := range hashes {
		out = append(out, h[:]...)
	}
	return out
}

// foldHashes is the root of a perfect subtree; the count is a power of two.
func foldHashes(hashes []tlog.Hash) tlog.Hash {
	if len(hashes) == 1 {
		return hashes[0]
	}
	half := len(hashes) / 2
	return tlog.NodeHash(foldHashes(hashes[:half]), foldHashes(hashes[half:]))
}

// ReadHashes reads stored hashes back from a closed log's tiles, for proofs of
// what stood in it at an earlier size (tlog.HashReader).
func (l *Writer) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		level, n := tlog.SplitStoredHashIndex(index)
		tileLevel, above := level/torchwood.TileHeight, level%torchwood.TileHeight
		first := n << above
		t := tlog.Tile{H: torchwood.TileHeight, L: tileLevel, N: first / width, W: width}
		if nodes := l.Size >> (tileLevel * torchwood.TileHeight); nodes/width == t.N {
			t.W = int(nodes % width)
		}
		b, err := os.ReadFile(filepath.Join(l.Dir, filepath.FromSlash(torchwood.TilePath(t))))
		if err != nil {
			return nil, err
		}
		from := int(first%width) * tlog.HashSize
		hashes := make([]tlog.Hash, 1<<above)
		for k := range hashes {
			hashes[k] = tlog.Hash(b[from+k*tlog.HashSize:])
		}
		out[i] = foldHashes(hashes)
	}
	return out, nil
}

// Entries reads the entries of a closed log, bundle by bundle.
func (l *Writer) Entries(each func(entry []byte)) error {
	for n := int64(0); n*width < l.Size; n++ {
		t := tlog.Tile{H: torchwood.TileHeight, L: -1, N: n, W: int(min(width, l.Size-n*width))}
		b, err := os.ReadFile(filepath.Join(l.Dir, filepath.FromSlash(torchwood.TilePath(t))))
		if err != nil {
			return err
		}
		for len(b) >= 2 {
			size := int(binary.BigEndian.Uint16(b))
			each(b[2 : 2+size])
			b = b[2+size:]
		}
	}
	return nil
}
