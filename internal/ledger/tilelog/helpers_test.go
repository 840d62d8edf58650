package tilelog

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/torchwood"
	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"adamas.example/internal/fault"
	"adamas.example/verify/policy"
)

const testOrigin = "log.example/tilelog"

// patience is how long a test waits for what must happen, and never how long
// it takes.
const patience = 60 * time.Second

func seededKey(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(slices.Repeat([]byte{seed}, ed25519.SeedSize))
}

// logKey signs the checkpoints of the test log; the same in every process. It is
// made of constants and cannot fail.
func logKey() (note.Signer, note.Verifier) {
	private := seededKey(1)
	vkey := policy.LogVKey(testOrigin, private.Public().(ed25519.PublicKey))
	verifier, err := note.NewVerifier(vkey.String())
	if err != nil {
		panic(err)
	}
	secret := append([]byte{1}, private.Seed()...)
	signer, err := note.NewSigner(fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s",
		testOrigin, verifier.KeyHash(), base64.StdEncoding.EncodeToString(secret)))
	if err != nil {
		panic(err)
	}
	return signer, verifier
}

// options publish as often as can be and collect nothing.
func options(tb testing.TB) *tessera.AppendOptions {
	tb.Helper()
	signer, _ := logKey()
	return tessera.NewAppendOptions().WithCheckpointSigner(signer).
		WithCheckpointInterval(minInterval).WithCheckpointRepublishInterval(0).
		WithGarbageCollectionInterval(0).WithBatching(256, time.Millisecond)
}

// engine is a driver under the common tests: this one and, where it compiles,
// Tessera's own, which says what is right.
type engine struct {
	name string
	// open returns the driver and what gives the folder free after the context of
	// the appender is done.
	open func(dir string, hc *http.Client) (driver tessera.Driver, free func() error, err error)
}

func ours() engine {
	return engine{"tilelog", func(dir string, hc *http.Client) (tessera.Driver, func() error, error) {
		d, err := Open(Config{Dir: dir, HTTP: hc})
		if err != nil {
			return nil, nil, err
		}
		return d, d.Close, nil
	}}
}

// running is an open log.
type running struct {
	tb       testing.TB
	driver   tessera.Driver
	add      tessera.AddFn
	reader   tessera.LogReader
	shutdown func(context.Context) error
	stop     func() // may be called again
}

// start opens a log; the test's end closes it.
func (e engine) start(tb testing.TB, dir string, opts *tessera.AppendOptions) *running {
	tb.Helper()
	driver, free, err := e.open(dir, &http.Client{Timeout: time.Second})
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	appender, shutdown, reader, err := tessera.NewAppender(ctx, driver, opts)
	if err != nil {
		cancel()
		tb.Fatal(errors.Join(err, free()))
	}
	r := &running{tb: tb, driver: driver, add: appender.Add, reader: reader, shutdown: shutdown}
	r.stop = func() {
		cancel()
		if err := free(); err != nil {
			tb.Error(err)
		}
	}
	tb.Cleanup(r.stop)
	return r
}

// append adds entries in order and waits until they are durable, at the indexes
// that follow first.
func (r *running) append(first int, entries [][]byte) {
	r.tb.Helper()
	futures := make([]tessera.IndexFuture, len(entries))
	for i, data := range entries {
		futures[i] = r.add(context.Background(), tessera.NewEntry(data))
	}
	for i, f := range futures {
		index, err := f()
		if err != nil {
			r.tb.Fatal(err)
		}
		if index.Index != uint64(first+i) || index.IsDup {
			r.tb.Fatalf("entry %d got %+v", first+i, index)
		}
	}
}

func (r *running) size() uint64 {
	r.tb.Helper()
	n, err := r.reader.IntegratedSize(context.Background())
	if err != nil {
		r.tb.Fatal(err)
	}
	if next, err := r.reader.NextIndex(context.Background()); err != nil || next != n {
		r.tb.Fatalf("NextIndex %d, %v with integrated size %d", next, err, n)
	}
	return n
}

// published waits for a checkpoint of at least size and verifies it.
func (r *running) published(size int) (tlog.Tree, []byte) {
	r.tb.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		raw, err := r.reader.ReadCheckpoint(context.Background())
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			r.tb.Fatal(err)
		}
		if tree := openCheckpoint(r.tb, raw); tree.N >= int64(size) {
			return tree, raw
		}
	}
	r.tb.Fatalf("no checkpoint of size %d", size)
	return tlog.Tree{}, nil
}

func openCheckpoint(tb testing.TB, raw []byte) tlog.Tree {
	tb.Helper()
	_, verifier := logKey()
	n, err := note.Open(raw, note.VerifierList(verifier))
	if err != nil {
		tb.Fatalf("%v\n%s", err, raw)
	}
	c, err := torchwood.ParseCheckpoint(n.Text)
	if err != nil {
		tb.Fatal(err)
	}
	return c.Tree
}

// someEntries makes entries of all sorts of lengths, the same for the same seed.
func someEntries(seed uint64, from, n int) [][]byte {
	out := make([][]byte, n)
	for i := range out {
		rnd := rand.New(rand.NewPCG(seed, uint64(from+i)))
		out[i] = fmt.Appendf(nil, "SYNTHETIC entry %d ", from+i)
		switch rnd.IntN(50) {
		case 0:
			out[i] = nil // an empty entry is one too
		case 1:
			out[i] = append(out[i], make([]byte, rnd.IntN(3000))...)
		default:
			out[i] = append(out[i], strings.Repeat("x", rnd.IntN(60))...)
		}
	}
	return out
}

// treeHash is x/mod's own root over entries.
func treeHash(tb testing.TB, entries [][]byte) tlog.Hash {
	tb.Helper()
	root, err := tlog.TreeHash(int64(len(entries)), storedHashes(tb, entries))
	if err != nil {
		tb.Fatal(err)
	}
	return root
}

func storedHashes(tb testing.TB, entries [][]byte) tlog.HashReaderFunc {
	tb.Helper()
	var stored []tlog.Hash
	at := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			out[i] = stored[index]
		}
		return out, nil
	})
	for i, data := range entries {
		hashes, err := tlog.StoredHashes(int64(i), data, at)
		if err != nil {
			tb.Fatal(err)
		}
		stored = append(stored, hashes...)
	}
	return at
}

// checkFolder holds the files of a log against the judges from outside: Tessera's
// fsck, and torchwood's client over the bare files, which verifies every entry.
// It returns the entries under the checkpoint.
func checkFolder(tb testing.TB, dir string) [][]byte {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience) // fsck hangs on damage
	defer cancel()
	_, verifier := logKey()
	files := client.FileFetcher{Root: dir}
	done := make(chan error, 1)
	go func() {
		done <- fsck.New(testOrigin, verifier, files, leafHashes, fsck.Opts{N: 1}).Check(ctx)
	}()
	select {
	case err := <-done:
		if err != nil {
			tb.Fatal("fsck:", err)
		}
	case <-ctx.Done():
		tb.Fatal("fsck: no end")
	}
	raw, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		tb.Fatal(err)
	}
	tree := openCheckpoint(tb, raw)
	if tree.N == 0 {
		return nil
	}
	tiles, err := torchwood.NewTileFS(os.DirFS(dir))
	if err != nil {
		tb.Fatal(err)
	}
	c, err := torchwood.NewClient(tiles)
	if err != nil {
		tb.Fatal(err)
	}
	var entries [][]byte
	for i, data := range c.AllEntries(ctx, tree, 0) {
		if i != int64(len(entries)) {
			tb.Fatalf("torchwood reads entry %d after %d entries", i, len(entries))
		}
		entries = append(entries, slices.Clone(data))
	}
	if err := c.Err(); err != nil || int64(len(entries)) != tree.N {
		tb.Fatalf("torchwood reads %d of %d entries: %v", len(entries), tree.N, err)
	}
	return entries
}

func leafHashes(bundle []byte) ([][]byte, error) {
	var b api.EntryBundle
	if err := b.UnmarshalText(bundle); err != nil {
		return nil, err
	}
	out := make([][]byte, len(b.Entries))
	for i, e := range b.Entries {
		h := tlog.RecordHash(e)
		out[i] = h[:]
	}
	return out, nil
}

// listing reads every file of a folder but locks.
func listing(tb testing.TB, dir string) map[string]string {
	tb.Helper()
	out := make(map[string]string)
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasSuffix(path, ".lock") {
			return err
		}
		content, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		out[filepath.ToSlash(name)] = string(content)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

func wantFault(tb testing.TB, err error, key string) {
	tb.Helper()
	if !fault.Is(err, key) {
		tb.Errorf("got %v, want fault %s", err, key)
	}
}
