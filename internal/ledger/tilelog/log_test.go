package tilelog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"filippo.io/torchwood"
	"filippo.io/torchwood/tesserax"
	"github.com/google/go-cmp/cmp"
	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/api/layout"
	"golang.org/x/mod/sumdb/tlog"
)

// eachEngine runs a test on every driver there is.
func eachEngine(t *testing.T, test func(*testing.T, engine)) {
	t.Helper()
	for _, e := range engines() {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			test(t, e)
		})
	}
}

// TestGrow adds entries one by one, in bursts and after restarts. The root is
// tlog's own, outsiders read all entries, and each has an inclusion proof.
func TestGrow(t *testing.T) {
	eachEngine(t, func(t *testing.T, e engine) {
		for _, total := range []int{1, 255, 256, 257, 700, 2000} {
			rnd := rand.New(rand.NewPCG(uint64(total), 1))
			dir, entries := t.TempDir(), someEntries(uint64(total), 0, total)
			r := e.start(t, dir, options(t).WithBatching(uint(1+rnd.IntN(300)), time.Millisecond))
			for from := 0; from < total; {
				n := min(total-from, 1+rnd.IntN(500))
				r.append(from, entries[from:from+n])
				if from += n; rnd.IntN(3) == 0 {
					r.stop()
					r = e.start(t, dir, options(t).WithBatching(uint(1+rnd.IntN(300)), time.Millisecond))
				}
				if got := r.size(); got != uint64(from) {
					t.Fatalf("integrated size %d, want %d", got, from)
				}
			}
			tree, raw := r.published(total)
			if want := treeHash(t, entries); tree.N != int64(total) || tree.Hash != want {
				t.Fatalf("published %d %v, want %d %v", tree.N, tree.Hash, total, want)
			}
			checkProofs(t, r, tree, entries)
			r.stop()
			if onDisk, err := os.ReadFile(filepath.Join(dir, "checkpoint")); err != nil || !bytes.Equal(raw, onDisk) {
				t.Errorf("the checkpoint file is not what was read: %v", err)
			}
			if got := checkFolder(t, dir); !slices.EqualFunc(got, entries, bytes.Equal) {
				t.Errorf("total %d: other entries than were added", total)
			}
		}
	})
}

func checkProofs(t *testing.T, r *running, tree tlog.Tree, entries [][]byte) {
	t.Helper()
	hashes := torchwood.TileHashReaderWithContext(t.Context(), tree, tesserax.NewTileReader(r.reader))
	for i := 0; i < len(entries); i += 1 + len(entries)/50 {
		proof, err := tlog.ProveRecord(tree.N, int64(i), hashes)
		if err != nil {
			t.Fatal(err)
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, int64(i), tlog.RecordHash(entries[i])); err != nil {
			t.Errorf("entry %d: %v", i, err)
		}
	}
}

// TestEntrySizes: the largest entry tlog-tiles allows is taken, a larger one
// refused, and a bundle may be full of large ones.
func TestEntrySizes(t *testing.T) {
	eachEngine(t, func(t *testing.T, e engine) {
		dir := t.TempDir()
		r := e.start(t, dir, options(t))
		large := bytes.Repeat([]byte("SYNTHETIC "), 6554)[:65_535]
		entries := [][]byte{large, {}, large}
		r.append(0, entries)
		if _, err := r.add(t.Context(), tessera.NewEntry(append(large, 'x')))(); err == nil {
			t.Error("an entry over 65,535 bytes is taken")
		}
		r.published(3)
		r.stop()
		if got := checkFolder(t, dir); !slices.EqualFunc(got, entries, bytes.Equal) {
			t.Error("other entries than were added")
		}
	})
}

// TestNewLog: a new log has a checkpoint of size 0 before anything is added.
func TestNewLog(t *testing.T) {
	eachEngine(t, func(t *testing.T, e engine) {
		r := e.start(t, filepath.Join(t.TempDir(), "deep", "down"), options(t))
		raw, err := r.reader.ReadCheckpoint(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if tree := openCheckpoint(t, raw); tree.N != 0 || tree.Hash != treeHash(t, nil) {
			t.Errorf("published %+v", tree)
		}
		clear(raw) // it is the reader's own
		if again, err := r.reader.ReadCheckpoint(t.Context()); err != nil || again[0] == 0 {
			t.Errorf("read again %q, %v", again, err)
		}
		if r.size() != 0 {
			t.Errorf("size %d", r.size())
		}
	})
}

// TestOrder: of two entries, the one whose Add returned first comes first, from
// many goroutines at a time; each entry is at the index its future named.
func TestOrder(t *testing.T) {
	eachEngine(t, func(t *testing.T, e engine) {
		const workers, each = 16, 60
		dir := t.TempDir()
		r := e.start(t, dir, options(t).WithBatching(7, time.Millisecond))
		index := make([][each]uint64, workers)
		var all sync.WaitGroup
		for w := range workers {
			all.Go(func() {
				var futures [each]tessera.IndexFuture
				for i := range each {
					futures[i] = r.add(t.Context(), tessera.NewEntry(fmt.Appendf(nil, "SYNTHETIC %d/%d", w, i)))
				}
				for i, f := range futures {
					got, err := f()
					if err != nil {
						t.Error(err)
					}
					index[w][i] = got.Index
				}
			})
		}
		all.Wait()
		r.published(workers * each)
		r.stop()
		entries := checkFolder(t, dir)
		for w := range workers {
			if e.name == "tilelog" && !slices.IsSorted(index[w][:]) {
				t.Errorf("worker %d: indexes out of order: %v", w, index[w])
			}
			for i, at := range index[w] {
				if want := fmt.Sprintf("SYNTHETIC %d/%d", w, i); string(entries[at]) != want {
					t.Errorf("at %d stands %q, want %q", at, entries[at], want)
				}
			}
		}
	})
}

// TestShutdown: Tessera's own shutdown waits for the checkpoint and refuses what
// comes after.
func TestShutdown(t *testing.T) {
	eachEngine(t, func(t *testing.T, e engine) {
		dir := t.TempDir()
		r := e.start(t, dir, options(t))
		r.append(0, someEntries(1, 0, 20))
		if err := r.shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := checkFolder(t, dir); len(got) != 20 {
			t.Errorf("%d entries are published", len(got))
		}
		if _, err := r.add(t.Context(), tessera.NewEntry([]byte("late")))(); err == nil {
			t.Error("an entry is taken after the shutdown")
		}
	})
}

// TestReader: what is not there is os.ErrNotExist; a partial file that is gone is
// answered by the full one.
func TestReader(t *testing.T) {
	eachEngine(t, func(t *testing.T, e engine) {
		dir := t.TempDir()
		r := e.start(t, dir, options(t))
		r.append(0, someEntries(1, 0, 40))
		r.append(40, someEntries(1, 40, 260))
		bundle, err := r.reader.ReadEntryBundle(t.Context(), 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		tile, err := r.reader.ReadTile(t.Context(), 0, 0, 0)
		if err != nil || len(tile) != 256*hashSize {
			t.Fatalf("a full tile of %d bytes, %v", len(tile), err)
		}
		for _, name := range obsolete(0) {
			if err := os.RemoveAll(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := r.reader.ReadEntryBundle(t.Context(), 0, 40); err != nil || !bytes.Equal(got, bundle) {
			t.Errorf("partial bundle: %d bytes, %v; want the full one", len(got), err)
		}
		if got, err := r.reader.ReadTile(t.Context(), 0, 0, 40); err != nil || !bytes.Equal(got, tile) {
			t.Errorf("partial tile: %d bytes, %v; want the full one", len(got), err)
		}
		if _, err := r.reader.ReadEntryBundle(t.Context(), 9, 7); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("no bundle: %v", err)
		}
		if _, err := r.reader.ReadTile(t.Context(), 3, 0, 0); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("no tile: %v", err)
		}
	})
}

// TestCollection: partial files go once their full file is published, those of
// the published edge stay, and the mark is the same for both drivers.
func TestCollection(t *testing.T) {
	eachEngine(t, func(t *testing.T, e engine) {
		const total = 3*256 + 17
		dir, entries := t.TempDir(), someEntries(5, 0, total)
		r := e.start(t, dir, options(t).WithBatching(50, time.Millisecond).WithGarbageCollectionInterval(20*time.Millisecond))
		for from := 0; from < total; from += 50 {
			r.append(from, entries[from:min(from+50, total)])
		}
		r.published(total)
		want := partialDirs(total)
		var got []string
		for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
			if got = findPartialDirs(t, dir); cmp.Equal(got, want) {
				break
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("partial folders (-want +got):\n%s", diff)
		}
		for end := time.Now().Add(patience); listing(t, dir)[gcPath] != `{"fromSize":768}`; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("mark %s", listing(t, dir)[gcPath])
			}
		}
		r.stop()
		if got := checkFolder(t, dir); !slices.EqualFunc(got, entries, bytes.Equal) {
			t.Error("other entries than were added")
		}
		e.start(t, dir, options(t)).append(total, someEntries(5, total, 3))
	})
}

// partialDirs are the folders of partial files that a log of a size needs.
func partialDirs(size uint64) []string {
	var out []string
	for level := range uint64(8) {
		if index, width := edgeTile(level, size); width > 0 {
			out = append(out, layout.TilePath(level, index, 0)+".p")
			if level == 0 {
				out = append(out, layout.EntriesPath(index, 0)+".p")
			}
		}
	}
	slices.Sort(out)
	return out
}

func findPartialDirs(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // removed while we looked
		}
		if err == nil && e.IsDir() && strings.HasSuffix(path, ".p") {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

// TestCollectionWaitsForPublication: what a published checkpoint needs is never
// removed, however far the log has grown since.
func TestCollectionWaitsForPublication(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := ours().start(t, dir, options(t))
	r.append(0, someEntries(1, 0, 10))
	r.published(10)
	r.stop()
	r = ours().start(t, dir, options(t).WithCheckpointInterval(time.Hour))
	r.append(10, someEntries(1, 10, 600))
	if err := r.driver.(*Driver).collectOnce(); err != nil {
		t.Fatal(err)
	}
	if got := checkFolder(t, dir); len(got) != 10 {
		t.Errorf("%d entries under the published checkpoint", len(got))
	}
	r.stop()
	r = ours().start(t, dir, options(t))
	r.published(610)
	if err := r.driver.(*Driver).collectOnce(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(partialDirs(610), findPartialDirs(t, dir)); diff != "" {
		t.Errorf("once it is published (-want +got):\n%s", diff)
	}
	checkFolder(t, dir)
}

// TestCollectionInRounds: a long backlog is taken in bounded rounds, and a mark
// that cannot be read costs only another one.
func TestCollectionInRounds(t *testing.T) {
	t.Parallel()
	const bundles = bundlesPerRun + 5
	r := ours().start(t, t.TempDir(), options(t).WithBatching(bundles*256, time.Hour))
	r.append(0, someEntries(1, 0, bundles*256))
	r.published(bundles * 256)
	d := r.driver.(*Driver)
	for _, want := range []uint64{bundlesPerRun * 256, bundles * 256, bundles * 256} {
		if err := d.collectOnce(); err != nil {
			t.Fatal(err)
		}
		if got, err := d.collected(); err != nil || got != want {
			t.Errorf("mark %d, %v; want %d", got, err, want)
		}
	}
	for _, mark := range []string{"", "{", `{"fromSize":7}`, `{"fromSize":-1}`} {
		if err := d.folder.write(gcPath, []byte(mark)); err != nil {
			t.Fatal(err)
		}
		if got, err := d.collected(); err != nil || got != 0 {
			t.Errorf("mark %q: %d, %v; want 0", mark, got, err)
		}
	}
}

// TestBatching: entries wait until the batch is full or the first is old enough,
// and no longer.
func TestBatching(t *testing.T) {
	dir := t.TempDir() // outside: its removal must not be part of the bubble
	synctest.Test(t, func(t *testing.T) {
		r := ours().start(t, dir, options(t).WithBatching(10, time.Hour).WithCheckpointInterval(time.Minute))
		begin := time.Now()
		var futures []tessera.IndexFuture
		add := func(n int) {
			for range n {
				futures = append(futures, r.add(t.Context(), tessera.NewEntry(fmt.Append(nil, "SYNTHETIC ", len(futures)))))
			}
		}
		add(25)
		if i, err := futures[19](); err != nil || i.Index != 19 || time.Since(begin) != 0 {
			t.Errorf("the second full batch: %v, %v after %v", i, err, time.Since(begin))
		}
		time.Sleep(time.Hour - time.Second)
		if got := r.size(); got != 20 {
			t.Errorf("%d entries are in the log before their time", got)
		}
		if i, err := futures[24](); err != nil || i.Index != 24 || time.Since(begin) != time.Hour {
			t.Errorf("the rest: %v, %v after %v", i, err, time.Since(begin))
		}
		if names := listing(t, dir); names["tile/entries/000.p/10"] == "" || names["tile/entries/000.p/20"] == "" || names["tile/entries/000.p/25"] == "" {
			t.Error("other batches than expected")
		}
		r.stop()
	})
}

// TestStop: the end of the context ends open futures, keeps what is durable, and
// gives the folder free; so does Close. After that entries are refused.
func TestStop(t *testing.T) {
	dir := t.TempDir()
	d, err := Open(Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	appender, _, _, err := tessera.NewAppender(ctx, d, options(t).WithBatching(2, time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	var futures [3]tessera.IndexFuture
	for i := range futures {
		futures[i] = appender.Add(t.Context(), tessera.NewEntry([]byte("SYNTHETIC")))
	}
	if _, err := futures[1](); err != nil {
		t.Fatal(err)
	}
	cancel()
	<-d.stopped
	if _, err := futures[2](); !errors.Is(err, ErrClosed) {
		t.Errorf("an open future ends with %v", err)
	}
	if _, err := appender.Add(t.Context(), tessera.NewEntry([]byte("late")))(); !errors.Is(err, ErrClosed) {
		t.Errorf("a late entry: %v", err)
	}
	again := ours().start(t, dir, options(t)) // the folder is free without Close
	if got := again.size(); got != 2 {
		t.Errorf("%d entries are durable, want 2", got)
	}
	for range 2 {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
	again.append(2, someEntries(1, 2, 1)) // which d.Close has not disturbed
}

// TestAppenderRefuses: options that cannot be, and a second appender. The folder
// is free after Close though there was no appender.
func TestAppenderRefuses(t *testing.T) {
	dir := t.TempDir()
	tests := []struct {
		name string
		opts *tessera.AppendOptions
	}{
		{"interval", options(t).WithCheckpointInterval(minInterval - 1)},
		{"static-ct", options(t).WithCTLayout()},
		{"no signer", tessera.NewAppendOptions()},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d, err := Open(Config{Dir: dir})
			if err != nil {
				t.Fatal(err)
			}
			if _, _, _, err := tessera.NewAppender(t.Context(), d, test.opts); err == nil {
				t.Error("accepted")
			}
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	d, err := Open(Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := tessera.NewAppender(t.Context(), d, options(t)); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := tessera.NewAppender(t.Context(), d, options(t)); err == nil {
		t.Error("a second appender")
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if _, _, _, err := tessera.NewAppender(t.Context(), d, options(t)); err == nil {
		t.Error("an appender on a closed driver")
	}
}
