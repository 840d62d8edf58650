package wire

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// width is how many entries, or hashes, a full tile holds (C2SP tlog-tiles).
const width = 256

// Log is a log as its folder shows it. It keeps one hash for every 256 entries
// and reads the rest again when asked: an entry that has changed since Verify is
// an error.
type Log struct {
	*Head
	files  fs.FS
	blocks []Hash // of each full bundle of entries
	tail   Hash   // over the entries of the last, partial one
	whole  bool   // Verify has read it to its end

	kept    int64 // which bundle leaves holds; -1 for none
	leaves  [][]byte
	visited map[string]bool
}

// OpenLog reads the checkpoint of a log folder.
func OpenLog(files fs.FS) (*Log, error) {
	b, err := fs.ReadFile(files, "checkpoint")
	if err != nil {
		return nil, err
	}
	h, err := ReadHead(string(b))
	if err != nil {
		return nil, err
	}
	return &Log{Head: h, files: files, kept: -1}, nil
}

// Report is told of a file that is not as it must be.
type Report func(code, file string)

// Codes of what Verify reports.
const (
	FileMissing    = "file.missing"
	FileDiffers    = "file.differs"
	FileUnexpected = "file.unexpected"
	FileAhead      = "file.ahead" // of entries that the checkpoint does not cover yet
)

// Verify reads every entry once, in order, computes all hashes again and holds
// every file of the folder against them: bundles of entries and hash tiles, full
// and partial, of every level. What begins with a point is the log's own and not
// public. It gives the root it computed; an error ends it where the entries do.
func (l *Log) Verify(found Report, each func(index int64, leaf []byte)) (Hash, error) {
	l.visited = map[string]bool{"checkpoint": true}
	for n := int64(0); n*width < l.Size; n++ {
		leaves, err := l.bundle(n)
		if err != nil {
			return Hash{}, err
		}
		hs := hashes(leaves)
		l.checkEntries(n, leaves, found)
		l.checkTile(0, n, hs, found)
		if len(hs) == width {
			l.blocks = append(l.blocks, fold(hs))
		} else {
			l.tail = fold(hs)
		}
		for i, leaf := range leaves {
			each(n*width+int64(i), leaf)
		}
	}
	l.whole = true
	l.checkLevels(found)
	if err := l.walk(found); err != nil {
		return Hash{}, err
	}
	l.visited = nil
	root, _ := l.RootAt(l.Size)
	return root, nil
}

// checkLevels goes through the tiles of the upper levels.
func (l *Log) checkLevels(found Report) {
	for level, hs := 1, l.blocks; len(hs) > 0; level++ {
		var next []Hash
		for n := 0; n*width < len(hs); n++ {
			part := hs[n*width : min(len(hs), (n+1)*width)]
			l.checkTile(level, int64(n), part, found)
			if len(part) == width {
				next = append(next, fold(part))
			}
		}
		hs = next
	}
}

// checkTile holds the full tile or the partial ones of a place against its hashes.
func (l *Log) checkTile(level int, n int64, hs []Hash, found Report) {
	want := make([]byte, 0, len(hs)*32)
	for _, h := range hs {
		want = append(want, h[:]...)
	}
	l.checkPlace(fmt.Sprintf("tile/%d/%s", level, tileNumber(n)), len(hs), func(w int, b []byte) bool {
		covered := min(w, len(hs)) * 32
		return len(b) == w*32 && bytes.Equal(b[:covered], want[:covered]) && (w <= len(hs) || l.ahead(level, n, w, b))
	}, found)
}

// checkEntries does the same for bundles of entries.
func (l *Log) checkEntries(n int64, leaves [][]byte, found Report) {
	l.checkPlace("tile/entries/"+tileNumber(n), len(leaves), func(w int, b []byte) bool {
		read, rest, err := split(b, w)
		if err != nil || len(rest) > 0 {
			return false
		}
		for i := range min(w, len(leaves)) {
			if !bytes.Equal(read[i], leaves[i]) {
				return false
			}
		}
		if w <= len(leaves) {
			return true
		}
		tile, err := fs.ReadFile(l.files, fmt.Sprintf("tile/0/%s%s", tileNumber(n), suffix(w)))
		return err != nil || l.ahead(0, n, w, tile)
	}, found)
}

// split takes w entries from a bundle, each with its length before it.
func split(b []byte, w int) (leaves [][]byte, rest []byte, err error) {
	for range w {
		if len(b) < 2 || len(b)-2 < int(binary.BigEndian.Uint16(b)) {
			return nil, nil, errors.New("cut short")
		}
		end := 2 + int(binary.BigEndian.Uint16(b))
		leaves = append(leaves, b[2:end])
		b = b[end:]
	}
	return leaves, b, nil
}

// suffix ends the name of a tile that holds w hashes or entries.
func suffix(w int) string {
	if w == width {
		return ""
	}
	return fmt.Sprintf(".p/%d", w)
}

// ahead holds a tile past the checkpoint against what it is made of: entries, or
// the full tiles below. Nobody has attested either; they must agree all the same.
// Where what is below is not there, nothing can be said.
func (l *Log) ahead(level int, n int64, w int, tile []byte) bool {
	if len(tile) != w*32 {
		return false
	}
	var want []Hash
	if level == 0 {
		b, err := fs.ReadFile(l.files, "tile/entries/"+tileNumber(n)+suffix(w))
		if err != nil {
			return true
		}
		leaves, rest, err := split(b, w)
		if err != nil || len(rest) > 0 {
			return false
		}
		want = hashes(leaves)
	} else {
		for i := range int64(w) {
			b, err := fs.ReadFile(l.files, fmt.Sprintf("tile/%d/%s", level-1, tileNumber(n*width+i)))
			if err != nil || len(b) != width*32 {
				return err != nil
			}
			below := make([]Hash, width)
			for j := range below {
				below[j] = Hash(b[j*32 : j*32+32])
			}
			want = append(want, fold(below))
		}
	}
	for i, h := range want {
		if !bytes.Equal(h[:], tile[i*32:i*32+32]) {
			return false
		}
	}
	return true
}

// checkPlace looks at the file of a tile and at those of the folder of partial
// ones beside it. One that holds all that the checkpoint covers must be there.
func (l *Log) checkPlace(name string, covered int, good func(w int, b []byte) bool, found Report) {
	there := false
	look := func(file string, w int) {
		l.visited[file] = true
		b, err := fs.ReadFile(l.files, file)
		switch {
		case err != nil || !good(w, b):
			found(FileDiffers, file)
		case w > covered:
			found(FileAhead, file)
		}
		there = there || w >= covered
	}
	if _, err := fs.Stat(l.files, name); err == nil {
		look(name, width)
	}
	partial, err := fs.ReadDir(l.files, name+".p")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		found(FileDiffers, name+".p")
	}
	for _, e := range partial {
		if w, err := strconv.Atoi(e.Name()); err == nil && w > 0 && w < width && strconv.Itoa(w) == e.Name() && !e.IsDir() {
			look(path.Join(name+".p", e.Name()), w)
		}
	}
	if !there {
		found(FileMissing, name)
	}
}

// walk reports every public file that no check has looked at.
func (l *Log) walk(found Report) error {
	return fs.WalkDir(l.files, ".", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case file != "." && strings.HasPrefix(file, ".") && d.IsDir():
			return fs.SkipDir
		case d.IsDir() || l.visited[file]:
		default:
			found(l.beyond(file), file)
		}
		return nil
	})
}

// beyond judges a file that no check has looked at: a tile of entries past the
// checkpoint, as a log has for a moment before its next checkpoint is out, or
// something that does not belong there.
func (l *Log) beyond(file string) string {
	parts := strings.SplitN(file, "/", 3)
	if len(parts) != 3 || parts[0] != "tile" {
		return FileUnexpected
	}
	level, err := strconv.Atoi(parts[1])
	if parts[1] != "entries" && (err != nil || level < 0 || level > 7 || strconv.Itoa(level) != parts[1]) {
		return FileUnexpected
	}
	name, partial, isPartial := strings.Cut(parts[2], ".p/")
	n, err := strconv.ParseInt(strings.NewReplacer("/", "", "x", "").Replace(name), 10, 64)
	w := width
	if isPartial {
		if w, _ = strconv.Atoi(partial); w < 1 || w >= width || strconv.Itoa(w) != partial {
			return FileUnexpected
		}
	}
	if err != nil || n < 0 || tileNumber(n) != name || n*width < l.Size>>(8*level) {
		return FileUnexpected
	}
	b, err := fs.ReadFile(l.files, file)
	good := err == nil
	if parts[1] == "entries" {
		tile, missing := fs.ReadFile(l.files, "tile/0/"+parts[2])
		_, rest, cut := split(b, w)
		good = good && cut == nil && len(rest) == 0 && (missing != nil || l.ahead(0, n, w, tile))
	} else {
		good = good && l.ahead(level, n, w, b)
	}
	if !good {
		return FileDiffers
	}
	return FileAhead
}

// bundle reads the entries number n*256 and on, as far as the checkpoint covers
// them, from the full bundle or the partial one of exactly that width.
func (l *Log) bundle(n int64) ([][]byte, error) {
	if n == l.kept {
		return l.leaves, nil
	}
	w := min(l.Size-n*width, width)
	name := "tile/entries/" + tileNumber(n)
	b, err := fs.ReadFile(l.files, name)
	if err != nil && w < width {
		name += fmt.Sprintf(".p/%d", w)
		b, err = fs.ReadFile(l.files, name)
	}
	if err != nil {
		return nil, err
	}
	leaves, _, err := split(b, int(w))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if l.whole {
		want := l.tail
		if w == width {
			want = l.blocks[n]
		}
		if fold(hashes(leaves)) != want {
			return nil, fmt.Errorf("%s: has changed while it was read", name)
		}
	}
	l.kept, l.leaves = n, leaves
	return leaves, nil
}

// Each reads the entries again, in order.
func (l *Log) Each(each func(index int64, leaf []byte)) error {
	for n := int64(0); n*width < l.Size; n++ {
		leaves, err := l.bundle(n)
		if err != nil {
			return err
		}
		for i, leaf := range leaves {
			each(n*width+int64(i), leaf)
		}
	}
	return nil
}

// Leaf gives one entry.
func (l *Log) Leaf(index int64) ([]byte, error) {
	if index < 0 || index >= l.Size {
		return nil, fmt.Errorf("entry %d of %d", index, l.Size)
	}
	leaves, err := l.bundle(index / width)
	if err != nil {
		return nil, err
	}
	return leaves[index%width], nil
}

// RootAt is the tree hash over the first size entries (RFC 9162 §2.1.1).
func (l *Log) RootAt(size int64) (Hash, error) {
	switch {
	case !l.whole || size < 0 || size > l.Size:
		return Hash{}, fmt.Errorf("size %d of %d", size, l.Size)
	case size == 0:
		return sha256.Sum256(nil), nil
	}
	hs := l.blocks[:size/width]
	if r := size % width; r > 0 {
		leaves, err := l.bundle(size / width)
		if err != nil {
			return Hash{}, err
		}
		hs = append(hs[:len(hs):len(hs)], fold(hashes(leaves[:r])))
	}
	return fold(hs), nil
}

// LeafHash is the hash of an entry in the tree.
func LeafHash(leaf []byte) Hash {
	h := sha256.New()
	h.Write([]byte{0})
	h.Write(leaf)
	return Hash(h.Sum(nil))
}

func hashes(leaves [][]byte) []Hash {
	out := make([]Hash, len(leaves))
	for i, leaf := range leaves {
		out[i] = LeafHash(leaf)
	}
	return out
}

// tileNumber writes 1234067 as x001/x234/067 (C2SP tlog-tiles).
func tileNumber(n int64) string {
	s := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		s = fmt.Sprintf("x%03d/", n%1000) + s
	}
	return s
}

// fold is MTH of RFC 9162 §2.1.1 over hashes that are leaves, or complete
// subtrees of one size of which the last alone may be smaller.
func fold(hs []Hash) Hash {
	if len(hs) == 1 {
		return hs[0]
	}
	k := 1
	for k*2 < len(hs) {
		k *= 2
	}
	l, r := fold(hs[:k]), fold(hs[k:])
	var b [65]byte
	b[0] = 1
	copy(b[1:], l[:])
	copy(b[33:], r[:])
	return sha256.Sum256(b[:])
}
