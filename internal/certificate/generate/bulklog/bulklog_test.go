package bulklog

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"adamas.example/internal/certificate/generate/openkeys"
	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
)

// stored is x/mod's own tree, as a judge.
type stored []tlog.Hash

func (s stored) ReadHashes(indexes []int64) (out []tlog.Hash, err error) {
	for _, i := range indexes {
		out = append(out, s[i])
	}
	return out, nil
}

// Logs of all the sizes at which something begins or ends: roots, earlier roots
// and proofs are those of x/mod, entries read back are those written, and
// Tessera's fsck finds nothing wrong.
func TestLogsOfEverySize(t *testing.T) {
	k := &openkeys.Keys{Seed: "sizes"}
	trustees, err := openkeys.NewTrustees(k)
	if err != nil {
		t.Fatal(err)
	}
	sizes := []int64{1, 2, 255, 256, 257, 511, 512, 1000, 65535, 65536, 65537, 70000}
	if testing.Short() {
		sizes = sizes[:8]
	}
	for _, size := range sizes {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			l := &Writer{Dir: t.TempDir()}
			var judge stored
			entry := func(i int64) []byte { return binary.BigEndian.AppendUint64([]byte("SYNTHETIC "), uint64(i*i)) }
			for i := range size {
				e := entry(i)
				if index, err := l.Append(e, LeafHash(e)); err != nil || index != i {
					t.Fatal(index, err)
				}
				hs, err := tlog.StoredHashes(i, e, judge)
				if err != nil {
					t.Fatal(err)
				}
				judge = append(judge, hs...)
			}
			root, err := l.Close()
			if err != nil {
				t.Fatal(err)
			}
			for _, at := range []int64{1, size / 3, size / 2, size - 1, size} {
				if at > 0 {
					l.checkAt(t, judge, at)
				}
			}
			if want, _ := tlog.TreeHash(size, judge); canonical.Hash(want) != root {
				t.Fatal("another root")
			}
			n := int64(0)
			if err := l.Entries(func(e []byte) {
				if string(e) != string(entry(n)) {
					t.Fatalf("entry %d", n)
				}
				n++
			}); err != nil || n != size {
				t.Fatal(n, err)
			}
			key, err := k.New("log", fmt.Sprintf("log-%d.example/synthetic", size))
			if err != nil {
				t.Fatal(err)
			}
			text := trustees.Checkpoint(key, uint64(size), root, 1)
			if err := os.WriteFile(filepath.Join(l.Dir, "checkpoint"), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			runFsck(t, l.Dir, policy.LogVKey(key.Holder, key.Public()).String())
		})
	}
}

// checkAt holds an earlier size against the judge.
func (l *Writer) checkAt(t *testing.T, judge stored, at int64) {
	t.Helper()
	got, err := tlog.TreeHash(at, l)
	want, _ := tlog.TreeHash(at, judge)
	if err != nil || got != want {
		t.Fatalf("root at %d: %v", at, err)
	}
	proof, err := tlog.ProveRecord(at, at/2, l)
	if err != nil || tlog.CheckRecord(proof, at, want, at/2, judge[tlog.StoredHashIndex(0, at/2)]) != nil {
		t.Fatalf("proof at %d: %v", at, err)
	}
}

// runFsck runs Tessera's fsck, which hangs on damage.
func runFsck(t *testing.T, dir, vkey string) {
	t.Helper()
	v, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	hasher := func(raw []byte) (out [][]byte, err error) {
		var b api.EntryBundle
		if err := b.UnmarshalText(raw); err != nil {
			return nil, err
		}
		for _, e := range b.Entries {
			h := tlog.RecordHash(e)
			out = append(out, h[:])
		}
		return out, nil
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	end := make(chan error, 1)
	go func() {
		end <- fsck.New(v.Name(), v, client.FileFetcher{Root: dir}, hasher, fsck.Opts{N: 2}).Check(ctx)
	}()
	select {
	case err := <-end:
		if err != nil {
			t.Fatal(err)
		}
	case <-ctx.Done():
		t.Fatal("fsck hangs: the log is damaged")
	}
}
