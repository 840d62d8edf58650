package tilelog

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"filippo.io/torchwood"
	"github.com/google/go-cmp/cmp"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/api/layout"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

// TestTreeModel grows a tree by batches of any size against x/mod's tlog: the
// root, and every file, which is the tile that tlog cuts out of its own hashes.
// The edge read back from the files is the tree.
func TestTreeModel(t *testing.T) {
	t.Parallel()
	const most = 1500
	entries := make([][]byte, most)
	for i := range entries {
		entries[i] = fmt.Appendf(nil, "SYNTHETIC %d", i)
	}
	stored := storedHashes(t, entries)
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		batches := rapid.SliceOfN(rapid.IntRange(1, 300), 1, 5).Draw(t, "batches")
		f := folder(dir)
		if err := os.RemoveAll(f.path("tile")); err != nil {
			t.Fatal(err)
		}
		tr := &tree{root: rfc6962.DefaultHasher.EmptyRoot()}
		for _, n := range batches {
			batch := make([]*tessera.Entry, n)
			for i := range batch {
				batch[i] = tessera.NewEntry(entries[int(tr.size)+i])
			}
			next, files, err := tr.grow(batch)
			if err != nil {
				t.Fatal(err)
			}
			checkGrowth(t, stored, entries, tr.size, next, files)
			for _, file := range files {
				if err := writeQuick(f, file); err != nil {
					t.Fatal(err)
				}
			}
			loaded, err := loadTree(f, next.size, true)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(next, loaded, cmp.AllowUnexported(tree{}), cmp.Comparer(bytes.Equal)); diff != "" {
				t.Fatalf("the tree read back (-grown +loaded):\n%s", diff)
			}
			tr = next
		}
	})
}

// writeQuick is folder.write without its flushes, which a model does not need.
func writeQuick(f folder, file file) error {
	target := f.path(file.name)
	if err := os.MkdirAll(filepath.Dir(target), dirPerm); err != nil {
		return err
	}
	return os.WriteFile(target, file.content, filePerm)
}

func checkGrowth(t *rapid.T, stored tlog.HashReader, entries [][]byte, old uint64, next *tree, files []file) {
	root, err := tlog.TreeHash(int64(next.size), stored)
	if err != nil || !bytes.Equal(root[:], next.root) {
		t.Fatalf("size %d: root %x, want %x, %v", next.size, next.root, root, err)
	}
	want := make(map[string]string)
	for _, tile := range tlog.NewTiles(layout.TileHeight, int64(old), int64(next.size)) {
		data, err := tlog.ReadTileData(tile, stored)
		if err != nil {
			t.Fatal(err)
		}
		want[torchwood.TilePath(tile)] = string(data)
		if tile.L > 0 {
			continue
		}
		tile.L = -1
		var bundle []byte
		for _, data := range entries[tile.N*layout.TileWidth:][:tile.W] {
			if bundle, err = torchwood.AppendTileEntry(bundle, data); err != nil {
				t.Fatal(err)
			}
		}
		want[torchwood.TilePath(tile)] = string(bundle)
	}
	got := make(map[string]string)
	for _, file := range files {
		if _, twice := got[file.name]; twice {
			t.Fatalf("%s is written twice", file.name)
		}
		got[file.name] = string(file.content)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("from %d to %d (-tlog +tilelog):\n%s", old, next.size, diff)
	}
}

// FuzzState: no file makes the parser stop, and what it accepts is written again
// to the same bytes.
func FuzzState(f *testing.F) {
	good, err := encodeState(&tree{size: 600, root: rfc6962.DefaultHasher.EmptyRoot()})
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		string(good), "", "{}", "null", "[]", `{"size":-1,"root":""}`, `{"size":1e3,"root":"AAAA"}`,
		`{"root":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","size":1}`,
		`{"size":1,"size":2,"root":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}`,
		`{"Size":1,"Root":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		s, err := parseState(content)
		if err != nil {
			return
		}
		again, err := encodeState(&tree{size: s.Size, root: s.Root})
		if err != nil || !bytes.Equal(again, content) {
			t.Errorf("%q is accepted and written as %q, %v", content, again, err)
		}
	})
}

// FuzzLoad reads a log whose state, tile and bundle are any bytes: it is refused
// or it is whole, and nothing else happens.
func FuzzLoad(f *testing.F) {
	one := tessera.NewEntry([]byte("SYNTHETIC"))
	empty := &tree{root: rfc6962.DefaultHasher.EmptyRoot()}
	grown, files, err := empty.grow([]*tessera.Entry{one})
	if err != nil {
		f.Fatal(err)
	}
	state, err := encodeState(grown)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(state, files[0].content, files[1].content, []byte("log.example\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n"))
	f.Add(state, []byte{0, 0}, files[1].content, []byte(""))
	f.Add([]byte(`{"size":0}`), []byte{}, []byte{}, []byte("log.example\n18446744073709551615\n\n\n"))
	f.Fuzz(func(t *testing.T, state, bundle, tile, checkpoint []byte) {
		dir := folder(t.TempDir())
		for _, file := range []file{
			{statePath, state}, {versionPath, []byte(version)}, {layout.CheckpointPath, checkpoint},
			{layout.EntriesPath(0, 1), bundle}, {layout.TilePath(0, 0, 1), tile},
		} {
			if err := writeQuick(dir, file); err != nil {
				t.Fatal(err)
			}
		}
		d, err := Open(Config{Dir: string(dir)})
		if err != nil {
			return
		}
		defer d.Close()
		if s, err := parseState(state); err != nil || s.Size > 1 {
			t.Errorf("a log of state %q is opened", state)
		}
	})
}
