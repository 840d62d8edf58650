package tiles_test

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"adamas.example/internal/fault"
	"adamas.example/internal/ledger/tiles"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

// same wants the mirror to hold the public files of a log published once at a
// size, and beside them only narrower forms of tiles that are not full yet.
func same(t failer, w *world, dir string, size, at int64) {
	t.Helper()
	want, err := os.MkdirTemp("", "tiles")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(want)
	w.publish(t, want, size, at)
	have := files(t, dir)
	for _, name := range files(t, want) {
		if get(t, want, name) != get(t, dir, name) {
			t.Fatalf("%s differs", name)
		}
		narrower, _, _ := strings.Cut(name, ".p/")
		have = slices.DeleteFunc(have, func(n string) bool { return n == name || strings.HasPrefix(n, narrower+".p/") && narrower != name })
	}
	have = slices.DeleteFunc(have, func(n string) bool { return strings.HasPrefix(n, "blob/") })
	if len(have) != 0 {
		t.Fatalf("more than the log: %v", have)
	}
}

func TestMirrorGrows(t *testing.T) {
	w := newWorld(70_000)
	src, to := t.TempDir(), t.TempDir()
	pol := w.policy(t)
	have := int64(0)
	for i, size := range []int64{5, 255, 256, 256, 300, 700, 65_535, 65_536, 70_000} {
		at := verifytest.Start + int64(i)
		w.publish(t, src, size, at)
		var last int64
		got, err := tiles.Mirror(t.Context(), tiles.OpenFolder(src), to, pol, func(done, total int64) {
			if done < last || total != size-have || done > total {
				t.Errorf("progress %d of %d after %d, from %d to %d", done, total, last, have, size)
			}
			last = done
		})
		if err != nil {
			t.Fatal(err)
		}
		want := &tiles.Mirrored{Origin: w.log.Origin, Size: size, Time: time.Unix(at, 0).UTC(), Added: size - have}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
		if last != size-have {
			t.Errorf("progress ended at %d of %d", last, size-have)
		}
		have = size
		if size != 70_000 { // partial files of tiles that are not full yet stay for those who read with an older checkpoint
			continue
		}
		for _, name := range []string{"tile/0/001.p/44", "tile/1/000.p/255"} {
			if _, err := os.Stat(filepath.Join(to, name)); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s is still there although the tile is full", name)
			}
		}
	}
	same(t, w, to, 70_000, verifytest.Start+8)
}

// TestMirrorResumes cuts the source off after some answers, again and again: the
// folder never has a checkpoint that it does not hold whole, and the end is the
// same as without a cut.
func TestMirrorResumes(t *testing.T) {
	w := newWorld(1500)
	src := t.TempDir()
	w.publish(t, src, 700, verifytest.Start)
	pol := w.policy(t)
	now := t.TempDir()
	w.publish(t, now, 1500, verifytest.Start+9)
	var left atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if left.Add(-1) < 0 {
			panic(http.ErrAbortHandler)
		}
		tiles.Handler(now).ServeHTTP(rw, r)
	}))
	defer server.Close()
	url := openURL(t, server.URL)
	cuts := 0
	for seed := range uint64(16) {
		random := rand.New(rand.NewPCG(seed, 0))
		to := t.TempDir()
		if seed%2 == 0 { // begun at 700
			if _, err := tiles.Mirror(t.Context(), tiles.OpenFolder(src), to, pol, nil); err != nil {
				t.Fatal(err)
			}
		}
		for try := int64(0); ; try++ {
			left.Store(1 + random.Int64N(12) + try)
			_, err := tiles.Mirror(t.Context(), url, to, pol, nil)
			if err == nil {
				break
			}
			cuts++
			wantFault(t, err, "ledger.source_unreachable", "")
			if text, found, err := tiles.Trusted(t.Context(), tiles.OpenFolder(to), pol); err == nil {
				if _, err := readAll(t.Context(), tiles.OpenFolder(to), found.Checkpoint, 0); err != nil {
					t.Fatalf("seed %d: the folder does not hold its checkpoint %q: %v", seed, text, err)
				}
			}
		}
		same(t, w, to, 1500, verifytest.Start+9)
	}
	if cuts < 16 {
		t.Errorf("cut %d times only: the test tests nothing", cuts)
	}
}

// TestMirrorMendsWhatAnEarlierRunLeftTorn: a file without its checkpoint counts
// for nothing until it has been held against one.
func TestMirrorMendsWhatAnEarlierRunLeftTorn(t *testing.T) {
	w := newWorld(600)
	src, to := t.TempDir(), t.TempDir()
	w.publish(t, src, 600, verifytest.Start)
	for _, name := range files(t, src) {
		if name != "checkpoint" {
			put(t, to, name, []byte("torn"))
		}
	}
	put(t, to, ".mirror/new/HALF", []byte("torn"))
	if _, err := tiles.Mirror(t.Context(), tiles.OpenFolder(src), to, w.policy(t), nil); err != nil {
		t.Fatal(err)
	}
	same(t, w, to, 600, verifytest.Start)
	if _, err := os.Stat(filepath.Join(to, ".mirror", "new", "HALF")); !errors.Is(err, os.ErrNotExist) {
		t.Error("what was half-written is still there")
	}
}

func TestMirrorNeverGoesBack(t *testing.T) {
	w := newWorld(600)
	src, to := t.TempDir(), t.TempDir()
	pol := w.policy(t)
	w.publish(t, src, 600, verifytest.Start)
	if _, err := tiles.Mirror(t.Context(), tiles.OpenFolder(src), to, pol, nil); err != nil {
		t.Fatal(err)
	}
	t.Run("behind", func(t *testing.T) {
		old := t.TempDir()
		w.publish(t, old, 300, verifytest.Start+5)
		got, err := tiles.Mirror(t.Context(), tiles.OpenFolder(old), to, pol, nil)
		if err != nil {
			t.Fatal(err)
		}
		want := &tiles.Mirrored{Origin: w.log.Origin, Size: 600, Behind: 300, Time: time.Unix(verifytest.Start, 0).UTC()}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		same(t, w, to, 600, verifytest.Start)
	})
	for name, sizes := range map[string]int{"smaller fork": 500, "fork of the same size": 600, "larger fork": 700} {
		t.Run(name, func(t *testing.T) {
			other := newWorld(400)
			for len(other.log.Leaves) < sizes {
				other.log.Append([]byte("SYNTHETIC another past"))
			}
			fork := t.TempDir()
			other.publish(t, fork, int64(sizes), verifytest.Start+5)
			_, err := tiles.Mirror(t.Context(), tiles.OpenFolder(fork), to, pol, nil)
			wantFault(t, err, "ledger.log_forked", "")
			if f, ok := errors.AsType[*tiles.Fork](err); !ok || f.Known == f.Found || f.Known.Origin != f.Found.Origin {
				t.Errorf("the fork is not told: %v", err)
			}
			same(t, w, to, 600, verifytest.Start)
		})
	}
	t.Run("older cosignatures", func(t *testing.T) {
		w.publish(t, src, 600, verifytest.Start-60)
		if _, err := tiles.Mirror(t.Context(), tiles.OpenFolder(src), to, pol, nil); err != nil {
			t.Fatal(err)
		}
		same(t, w, to, 600, verifytest.Start)
	})
	t.Run("newer cosignatures", func(t *testing.T) {
		w.publish(t, src, 600, verifytest.Start+60)
		got, err := tiles.Mirror(t.Context(), tiles.OpenFolder(src), to, pol, nil)
		if err != nil || got.Time.Unix() != verifytest.Start+60 {
			t.Fatal(got, err)
		}
		same(t, w, to, 600, verifytest.Start+60)
	})
}

func TestMirrorRefusesFolders(t *testing.T) {
	w := newWorld(20)
	src := t.TempDir()
	w.publish(t, src, 20, verifytest.Start)
	other := newWorld(20)
	other.log = other.Logs[0]
	another := t.TempDir()
	other.publish(t, another, 5, verifytest.Start)
	damaged, own := t.TempDir(), t.TempDir()
	put(t, damaged, "checkpoint", []byte("cf.kp.example/2026\n"))
	put(t, own, ".state/treeState", []byte("{}"))
	for dir, key := range map[string]string{another: "ledger.mirror_other_log", damaged: "ledger.source_damaged", own: "ledger.mirror_is_log"} {
		before := files(t, dir)
		if _, err := tiles.Mirror(t.Context(), tiles.OpenFolder(src), dir, w.policy(t), nil); !fault.Is(err, key) {
			t.Errorf("%s: %v", key, err)
		}
		if diff := cmp.Diff(before, files(t, dir)); diff != "" {
			t.Errorf("%s: the folder was changed: %s", key, diff)
		}
	}
	// One mirror at a time.
	to := t.TempDir()
	inside := make(chan error, 1)
	_, err := tiles.Mirror(t.Context(), tiles.OpenFolder(src), to, w.policy(t), func(done, _ int64) {
		if done == 0 {
			_, err := tiles.Mirror(t.Context(), tiles.OpenFolder(src), to, w.policy(t), nil)
			inside <- err
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	wantFault(t, <-inside, "ledger.mirror_busy", to)
}

// TestMirrorCopiesBlobs: what statements name comes along, and what is missing or
// wrong is asked for again without stopping the log.
func TestMirrorCopiesBlobs(t *testing.T) {
	w := newWorld(0)
	o := w.Offices["CF/bangui"]
	src, to := t.TempDir(), t.TempDir()
	blobs := tiles.OpenBlobs(src)
	var named []statement.Blob
	for n, content := range []string{"there", "missing", "wrong", "too large"} {
		b, err := blobs.Put(t.Context(), strings.NewReader("SYNTHETIC "+content), "application/pdf", 1000)
		if err != nil {
			t.Fatal(err)
		}
		switch content {
		case "missing":
			os.Remove(filepath.Join(src, "blob", b.Hash.String()))
		case "wrong":
			put(t, src, "blob/"+b.Hash.String(), []byte("SYNTHETIC wrosg"))
		case "too large":
			b.Size = tiles.MaxBlob + 1
		}
		named = append(named, b)
		payload, err := statement.BlobPayload(statement.Header{Type: statement.TypeDossier, Issuer: o.ID, IssuedAt: verifytest.Start, Synthetic: true,
			Subject: "dossier/" + string(rune('a'+n))}, b)
		if err != nil {
			t.Fatal(err)
		}
		w.log.Append(o.Signer.Sign(statement.ContentStatement, payload, false))
	}
	hashes := func(bs []statement.Blob) (out []canonical.Hash) {
		for _, b := range bs {
			out = append(out, b.Hash)
		}
		return out
	}
	pol := w.policy(t)
	mirror := func(want []statement.Blob) {
		t.Helper()
		got, err := tiles.Mirror(t.Context(), tiles.OpenFolder(src), to, pol, nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(hashes(want), hashes(got.Missing)); diff != "" {
			t.Error(diff)
		}
	}
	size := int64(len(w.log.Leaves))
	w.publish(t, src, size, verifytest.Start)
	mirror(named[1:])
	if diff := cmp.Diff([]string{"blob/" + named[0].Hash.String()}, files(t, to)[:1]); diff != "" {
		t.Error(diff)
	}
	mirror(named[1:]) // asked again, still missing
	put(t, src, "blob/"+named[1].Hash.String(), []byte("SYNTHETIC missing"))
	w.log.Append([]byte("SYNTHETIC later"))
	w.publish(t, src, size+1, verifytest.Start)
	mirror(named[2:])
	if !tiles.OpenBlobs(to).Has(named[1]) {
		t.Error("a blob that has come later was not copied")
	}
	same(t, w, to, size+1, verifytest.Start)
}

// TestMirrorCannotWrite: something stands in the way, at any of the places where a
// copy writes. The fault names it, and the folder gets no checkpoint.
func TestMirrorCannotWrite(t *testing.T) {
	w := newWorld(300)
	src := t.TempDir()
	w.publish(t, src, 300, verifytest.Start)
	for _, name := range []string{".mirror", ".mirror/lock/x", "tile", "tile/entries", "checkpoint/x"} {
		t.Run(name, func(t *testing.T) {
			to := t.TempDir()
			put(t, to, name, []byte("in the way"))
			_, err := tiles.Mirror(t.Context(), tiles.OpenFolder(src), to, w.policy(t), nil)
			f, ok := fault.Of(err)
			if !ok || f.Key != "ledger.cannot_write" && f.Key != "ledger.source_unreadable" || !strings.HasPrefix(f.Args["file"].(string), to) {
				t.Fatal(err)
			}
			if _, _, err := tiles.Trusted(t.Context(), tiles.OpenFolder(to), w.policy(t)); err == nil {
				t.Error("it has a checkpoint")
			}
		})
	}
	for _, name := range []string{"blob", ".blob"} {
		to := t.TempDir()
		put(t, to, name, []byte("in the way"))
		if _, err := tiles.OpenBlobs(to).Put(t.Context(), strings.NewReader("x"), "text/plain", 10); !fault.Is(err, "ledger.cannot_write") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
