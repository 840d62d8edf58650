package ledgertest

import (
	"os"
	"path/filepath"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"

	"adamas.example/verify/verifytest"
)

// Failer is what testing's and rapid's T share.
type Failer interface {
	Helper()
	Fatal(args ...any)
}

// Publish writes the public files of a log in memory at a size into dir,
// cosigned at a time by the witnesses with the labels (none: one of each pillar).
// They are made by x/mod's functions, not by the code that reads them.
func Publish(tb Failer, dir string, log *verifytest.Log, size, at int64, labels ...string) {
	tb.Helper()
	for _, tile := range tlog.NewTiles(torchwood.TileHeight, 0, size) {
		data, err := tlog.ReadTileData(tile, log)
		if err != nil {
			tb.Fatal(err)
		}
		Put(tb, dir, torchwood.TilePath(tile), data)
		if tile.L != 0 {
			continue
		}
		var bundle []byte
		for i := range int64(tile.W) {
			if bundle, err = torchwood.AppendTileEntry(bundle, log.Leaves[tile.N*torchwood.TileWidth+i]); err != nil {
				tb.Fatal(err)
			}
		}
		tile.L = -1
		Put(tb, dir, torchwood.TilePath(tile), bundle)
	}
	Put(tb, dir, "checkpoint", []byte(log.Checkpoint(size, at, labels...)))
}

// Put writes a file under dir by its slash-separated name.
func Put(tb Failer, dir, name string, data []byte) {
	tb.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		tb.Fatal(err)
	}
}
