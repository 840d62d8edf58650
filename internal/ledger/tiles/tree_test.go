package tiles_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"adamas.example/internal/fault"
	"adamas.example/internal/ledger/tiles"
	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/verifytest"
)

// TestReadsWhatOthersWrote holds every size against x/mod: the entries from any
// index, and the root at any earlier size.
func TestReadsWhatOthersWrote(t *testing.T) {
	w := newWorld(1200)
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.OneOf(rapid.Int64Range(1, 1200), rapid.SampledFrom([]int64{255, 256, 257, 511, 512, 513, 1024})).Draw(t, "size")
		dir, err := os.MkdirTemp("", "tiles")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		w.publish(t, dir, size, verifytest.Start)
		from := rapid.Int64Range(0, size).Draw(t, "from")
		cp := w.checkpoint(t, size)
		got, err := readAll(context.Background(), tiles.OpenFolder(dir), cp, from)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.EqualFunc(got, w.log.Leaves[from:size], slices.Equal) {
			t.Fatalf("entries from %d of %d are others", from, size)
		}
		tree, err := tiles.OpenTree(context.Background(), tiles.OpenFolder(dir), cp)
		if err != nil {
			t.Fatal(err)
		}
		earlier := rapid.Int64Range(0, size).Draw(t, "earlier")
		want := canonical.Sum(nil)
		if earlier > 0 {
			h, err := tlog.TreeHash(earlier, w.log)
			if err != nil {
				t.Fatal(err)
			}
			want = canonical.Hash(h)
		}
		if got, err := tree.RootAt(context.Background(), earlier); err != nil || got != want {
			t.Fatalf("root at %d of %d: %s (%v), want %s", earlier, size, got, err, want)
		}
		if err := tree.Extends(context.Background(), earlier, want); err != nil {
			t.Fatal(err)
		}
	})
}

func TestEmptyLog(t *testing.T) {
	root := canonical.Sum(nil)
	cp := &policy.Checkpoint{Origin: "cf.kp.example/2026", Root: root}
	if got, err := readAll(t.Context(), tiles.OpenFolder(t.TempDir()), cp, 0); err != nil || len(got) != 0 {
		t.Errorf("%d entries, %v", len(got), err)
	}
	cp.Root[0] ^= 1
	dir := t.TempDir()
	_, err := readAll(t.Context(), tiles.OpenFolder(dir), cp, 0)
	wantFault(t, err, "ledger.source_damaged", filepath.Join(dir, "checkpoint"))
}

func TestForkIsNamed(t *testing.T) {
	w, other := newWorld(700), newWorld(600)
	other.log.Append([]byte("SYNTHETIC another past"))
	for n := len(other.log.Leaves); n < 700; n++ {
		other.log.Append(w.log.Leaves[n])
	}
	dir := t.TempDir()
	w.publish(t, dir, 700, verifytest.Start)
	tree, err := tiles.OpenTree(t.Context(), tiles.OpenFolder(dir), w.checkpoint(t, 700))
	if err != nil {
		t.Fatal(err)
	}
	if err := tree.Extends(t.Context(), 600, other.checkpoint(t, 600).Root); err != nil {
		t.Errorf("up to 600 the two logs are one: %v", err)
	}
	known := other.checkpoint(t, 650)
	err = tree.Extends(t.Context(), 650, known.Root)
	wantFault(t, err, "ledger.log_forked", "")
	f, _ := fault.Of(err)
	want := map[string]any{"origin": w.log.Origin, "known_size": int64(650), "known_root": known.Root.String(),
		"found_size": int64(700), "found_root": w.checkpoint(t, 700).Root.String()}
	if diff := cmp.Diff(want, f.Args); diff != "" {
		t.Error(diff)
	}
}

// partialGone removes what garbage collection removes once a tile is full.
func partialGone(t *testing.T, dir string) {
	t.Helper()
	for _, name := range []string{"tile/0/001.p", "tile/entries/001.p"} {
		if err := os.RemoveAll(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFallsBackToTheFullTile reads at 300 what has grown to 512 since.
func TestFallsBackToTheFullTile(t *testing.T) {
	w := newWorld(512)
	dir := t.TempDir()
	w.publish(t, dir, 300, verifytest.Start)
	w.publish(t, dir, 512, verifytest.Start)
	partialGone(t, dir)
	plain := httptest.NewServer(http.FileServer(http.Dir(dir)))
	defer plain.Close()
	for name, src := range map[string]*tiles.Source{"folder": tiles.OpenFolder(dir), "url": openURL(t, plain.URL)} {
		got, err := readAll(t.Context(), src, w.checkpoint(t, 300), 0)
		if err != nil || !slices.EqualFunc(got, w.log.Leaves[:300], slices.Equal) {
			t.Errorf("%s: %d entries, %v", name, len(got), err)
		}
	}
}

func openURL(t *testing.T, base string) *tiles.Source {
	t.Helper()
	src, err := tiles.OpenURL(base, nil)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// TestDamageIsNamed changes each file of a log in each of some ways: reading it
// all ends with a fault that names that very file.
func TestDamageIsNamed(t *testing.T) {
	w := newWorld(600)
	good := t.TempDir()
	w.publish(t, good, 600, verifytest.Start)
	damages := map[string]func([]byte) []byte{
		"a bit":   func(b []byte) []byte { b = slices.Clone(b); b[len(b)/2] ^= 1; return b },
		"cut":     func(b []byte) []byte { return b[:len(b)-1] },
		"longer":  func(b []byte) []byte { return append(slices.Clone(b), 0) },
		"endless": func(b []byte) []byte { return slices.Repeat(b, 20<<20/len(b)) },
		"empty":   func([]byte) []byte { return nil },
		"swapped": func([]byte) []byte { return []byte(get(t, good, "tile/entries/001")) },
		"gone":    nil,
	}
	for _, name := range files(t, good) {
		if name == "checkpoint" {
			continue
		}
		for how, damage := range damages {
			if how == "swapped" && name == "tile/entries/001" {
				continue
			}
			t.Run(name+" "+how, func(t *testing.T) {
				dir := t.TempDir()
				w.publish(t, dir, 600, verifytest.Start)
				path, key := filepath.Join(dir, filepath.FromSlash(name)), "ledger.source_damaged"
				if damage == nil {
					key = "ledger.source_incomplete"
					os.Remove(path)
				} else {
					put(t, dir, name, damage([]byte(get(t, dir, name))))
				}
				to := t.TempDir()
				_, err := tiles.Mirror(t.Context(), tiles.OpenFolder(dir), to, w.policy(t), nil)
				wantFault(t, err, key, path)
				if slices.Contains(files(t, to), "checkpoint") {
					t.Error("a damaged log got a checkpoint")
				}
			})
		}
	}
}

// TestDamagedUpperTiles does the same where tiles stand three levels high; the
// size is the example of the tlog-tiles specification.
func TestDamagedUpperTiles(t *testing.T) {
	w := newWorld(70_000)
	dir := t.TempDir()
	w.publish(t, dir, 70_000, verifytest.Start)
	cp := w.checkpoint(t, 70_000)
	got, err := readAll(t.Context(), tiles.OpenFolder(dir), cp, 0)
	if err != nil || len(got) != 70_000 {
		t.Fatal(len(got), err)
	}
	for _, name := range []string{"tile/2/000.p/1", "tile/1/001.p/17", "tile/1/000", "tile/0/273.p/112", "tile/entries/273.p/112", "tile/entries/100"} {
		before := get(t, dir, name)
		put(t, dir, name, append([]byte{before[0] ^ 4}, before[1:]...))
		_, err := readAll(t.Context(), tiles.OpenFolder(dir), cp, 0)
		wantFault(t, err, "ledger.source_damaged", filepath.Join(dir, filepath.FromSlash(name)))
		put(t, dir, name, []byte(before))
	}
	// Two at once: no single file can be blamed, all that are in question are named.
	for _, name := range []string{"tile/2/000.p/1", "tile/1/001.p/17"} {
		put(t, dir, name, []byte(strings.Repeat("x", len(get(t, dir, name)))))
	}
	_, err = readAll(t.Context(), tiles.OpenFolder(dir), cp, 0)
	wantFault(t, err, "ledger.source_damaged", filepath.Join(dir, "tile/0/273.p/112, tile/1/001.p/17, tile/2/000.p/1"))
}

func TestServersThatFail(t *testing.T) {
	w := newWorld(300)
	dir := t.TempDir()
	w.publish(t, dir, 300, verifytest.Start)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	tests := []struct {
		name   string
		answer http.HandlerFunc // nil: nobody answers
		key    string
		wait   any
	}{
		{"nobody answers", nil, "ledger.source_unreachable", nil},
		{"no log", http.NotFound, "ledger.no_log_here", nil},
		{"gone", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) }, "ledger.no_log_here", nil},
		{"broken", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }, "ledger.source_unreachable", nil},
		{"busy", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "17")
			w.WriteHeader(http.StatusTooManyRequests)
		}, "ledger.source_unreachable", 17},
		{"hangs up", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000")
			io.WriteString(w, "cf.kp.example")
			panic(http.ErrAbortHandler)
		}, "ledger.source_unreachable", nil},
		{"endless checkpoint", func(w http.ResponseWriter, r *http.Request) {
			for range 1 << 20 {
				if _, err := fmt.Fprint(w, "adamas"); err != nil {
					return
				}
			}
		}, "ledger.source_damaged", nil},
		{"another page", func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "<html>Welcome to the hotel network</html>")
		}, "ledger.source_untrusted", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			base := closed.URL
			if tt.answer != nil {
				s := httptest.NewServer(tt.answer)
				defer s.Close()
				base = s.URL
			}
			_, _, err := tiles.Trusted(t.Context(), openURL(t, base), w.policy(t))
			wantFault(t, err, tt.key, "")
			if f, _ := fault.Of(err); f.Args["wait"] != tt.wait {
				t.Errorf("wait %v, want %v", f.Args["wait"], tt.wait)
			}
		})
	}
	t.Run("the caller's end is no fault of theirs", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			cancel()
			<-r.Context().Done()
		}))
		defer s.Close()
		_, err := openURL(t, s.URL).Checkpoint(ctx)
		if err != context.Canceled {
			t.Errorf("error %v", err)
		}
	})
}

func TestAddresses(t *testing.T) {
	for _, bad := range []string{"", "cf.kp.example/log", "ftp://cf.kp.example/", "https://", "https://a/?x=1", "https://a/#b", "http://\x7f"} {
		if _, err := tiles.OpenURL(bad, nil); !fault.Is(err, "ledger.source_address") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, good := range []string{"https://cf.kp.example/log", "http://127.0.0.1:8080/"} {
		src, err := tiles.OpenURL(good, nil)
		if err != nil || !strings.HasSuffix(src.Name(), "/") {
			t.Errorf("%q: %v", good, err)
		}
	}
}

// TestPasswordsStayInside: an address with a password works, and no fault and no
// name tells it.
func TestPasswordsStayInside(t *testing.T) {
	status := http.StatusOK
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, password, ok := r.BasicAuth(); !ok || password != "SECRET" {
			status = http.StatusUnauthorized
		}
		w.WriteHeader(status)
	}))
	address := strings.Replace(s.URL, "http://", "http://mirror:SECRET@", 1) + "/log"
	src := openURL(t, address)
	for _, status = range []int{http.StatusOK, http.StatusNotFound, http.StatusBadGateway} {
		_, err := src.Checkpoint(t.Context())
		if (err == nil) != (status == http.StatusOK) || strings.Contains(fmt.Sprint(err, src.Name()), "SECRET") {
			t.Errorf("status %d: %v", status, err)
		}
	}
	s.Close()
	if _, err := src.Checkpoint(t.Context()); !fault.Is(err, "ledger.source_unreachable") || strings.Contains(err.Error(), "SECRET") {
		t.Error(err)
	}
	if _, err := tiles.OpenURL("ftp://mirror:SECRET@cf.kp.example/", nil); err == nil || strings.Contains(err.Error(), "SECRET") {
		t.Error(err)
	}
}

// TestUntrustedCheckpoints: whatever the policy refuses, reading refuses.
func TestUntrustedCheckpoints(t *testing.T) {
	w := newWorld(10)
	dir := t.TempDir()
	ok := w.log.Checkpoint(10, verifytest.Start)
	other := newWorld(10)
	other.log = other.Logs[0]
	for name, text := range map[string]string{
		"two pillars":    w.log.Checkpoint(10, verifytest.Start, "gov1", "gov2", "ind1"),
		"another log":    other.log.Checkpoint(5, verifytest.Start),
		"changed size":   strings.Replace(ok, "\n10\n", "\n11\n", 1),
		"without an end": strings.TrimSuffix(ok, "\n"),
		"nothing":        "",
	} {
		put(t, dir, "checkpoint", []byte(text))
		if _, _, err := tiles.Trusted(t.Context(), tiles.OpenFolder(dir), w.policy(t)); !fault.Is(err, "ledger.source_untrusted") {
			t.Errorf("%s: %v", name, err)
		}
	}
	put(t, dir, "checkpoint", []byte(ok))
	text, found, err := tiles.Trusted(t.Context(), tiles.OpenFolder(dir), w.policy(t))
	if err != nil || text != ok || found.Time != verifytest.Start {
		t.Error(text, found, err)
	}
}

// FuzzHostileFile puts any content in the place of any file of a log: reading
// ends with a fault or gives exactly the log's entries.
func FuzzHostileFile(f *testing.F) {
	w := newWorld(300)
	dir := f.TempDir()
	w.publish(f, dir, 300, verifytest.Start)
	names, whole := files(f, dir), map[string]string{}
	for i, name := range names {
		whole[name] = get(f, dir, name)
		f.Add(uint8(i), []byte(whole[name]))
		f.Add(uint8(i), []byte(whole[name])[:len(whole[name])/2])
	}
	f.Add(uint8(1), []byte{0xff, 0xff})
	pol := w.policy(f)
	f.Fuzz(func(t *testing.T, which uint8, content []byte) {
		name := names[int(which)%len(names)]
		put(t, dir, name, content)
		defer put(t, dir, name, []byte(whole[name]))
		src := tiles.OpenFolder(dir)
		var got [][]byte
		_, found, err := tiles.Trusted(t.Context(), src, pol)
		if err == nil {
			got, err = readAll(t.Context(), src, found.Checkpoint, 0)
		}
		if _, ok := fault.Of(err); err != nil && !ok {
			t.Fatalf("%s: no fault: %v", name, err)
		}
		if err == nil && !slices.EqualFunc(got, w.log.Leaves, slices.Equal) {
			t.Fatalf("%s: other entries were read", name)
		}
	})
}
