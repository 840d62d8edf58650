package tiles_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"adamas.example/internal/fault"
	"adamas.example/internal/ledger/ledgertest"
	"adamas.example/internal/ledger/tiles"
	"adamas.example/verify/policy"
	"adamas.example/verify/verifytest"
)

// failer is what testing's and rapid's T share.
type failer interface {
	ledgertest.Failer
	Fatalf(format string, args ...any)
}

// world is a SYNTHETIC log in memory.
type world struct {
	*verifytest.World
	log *verifytest.Log
}

func newWorld(size int) *world {
	w := &world{World: verifytest.New()}
	w.log = w.Logs[1]
	for n := len(w.log.Leaves); n < size; n++ {
		w.log.Append(fmt.Appendf(nil, "SYNTHETIC entry %d %s", n, strings.Repeat("x", n%7)))
	}
	return w
}

func (w *world) policy(tb failer) *policy.Policy {
	tb.Helper()
	p, err := policy.Parse(w.Policy(w.log))
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// publish writes the log's files at a size into dir, cosigned at a time; it is
// other code than that which reads and copies them here.
func (w *world) publish(tb failer, dir string, size, at int64) {
	tb.Helper()
	ledgertest.Publish(tb, dir, w.log, size, at)
}

func (w *world) checkpoint(tb failer, size int64) *policy.Checkpoint {
	tb.Helper()
	c, err := policy.ParseCheckpoint(w.log.Checkpoint(size, verifytest.Start))
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func put(tb failer, dir, name string, data []byte) { ledgertest.Put(tb, dir, name, data) }

func get(tb failer, dir, name string) string {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}

// files lists the public files in dir.
func files(tb failer, dir string) (out []string) {
	tb.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(dir, path)
			if !strings.HasPrefix(name, ".") {
				out = append(out, filepath.ToSlash(name))
			}
		}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	slices.Sort(out)
	return out
}

// wantFault wants one fault with the key, whose file is the one named; "" for any.
func wantFault(tb failer, err error, key, file string) {
	tb.Helper()
	f, ok := fault.Of(err)
	if !ok || len(fault.All(err)) != 1 || f.Key != key {
		tb.Fatalf("error %v, want the fault %s", err, key)
	}
	if file != "" && f.Args["file"] != file {
		tb.Fatalf("fault names %q, want %q", f.Args["file"], file)
	}
}

// readAll opens the tree and reads every entry from an index on.
func readAll(ctx context.Context, src *tiles.Source, cp *policy.Checkpoint, from int64) (out [][]byte, err error) {
	tree, err := tiles.OpenTree(ctx, src, cp)
	if err != nil {
		return nil, err
	}
	next := from
	err = tree.Scan(ctx, from, func(first int64, entries [][]byte) error {
		if first != next || len(entries) == 0 {
			return fmt.Errorf("entries from %d, want %d", first, next)
		}
		next += int64(len(entries))
		out = append(out, entries...)
		return nil
	})
	return out, err
}
