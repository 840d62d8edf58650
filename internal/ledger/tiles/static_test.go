package tiles_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"adamas.example/internal/ledger/tiles"
	"adamas.example/verify/canonical"
	"adamas.example/verify/verifytest"
)

const (
	forever = "public, max-age=31536000, immutable"
	octets  = "application/octet-stream"
)

// served is a folder with a log, a blob, and what else lies in a log's folder.
func served(t testing.TB) (dir string, blob canonical.Hash) {
	w := newWorld(600)
	dir = t.TempDir()
	w.publish(t, dir, 300, verifytest.Start)
	w.publish(t, dir, 600, verifytest.Start)
	blob = canonical.Sum([]byte("<script>SYNTHETIC</script>"))
	put(t, dir, "blob/"+blob.String(), []byte("<script>SYNTHETIC</script>"))
	for _, name := range []string{".state/treeState", ".mirror/lock", ".blob/ABC", "adamas.db", "checkpoint1234",
		"tile/0/0001234567", "tile/0/002.p/881234567", "blob/notes.txt", "tile/entries/.hidden"} {
		put(t, dir, name, []byte("SECRET"))
	}
	put(t, filepath.Dir(dir), "outside", []byte("SECRET"))
	if err := os.Symlink(filepath.Join(filepath.Dir(dir), "outside"), filepath.Join(dir, "tile", "0", "009")); err != nil {
		t.Log("no symbolic links here:", err)
	}
	if err := os.Mkdir(filepath.Join(dir, "tile", "0", "008"), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir, blob
}

func ask(h http.Handler, method, path string) *http.Response {
	r := httptest.NewRequest(method, "/", nil)
	r.URL = &url.URL{Path: path}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t testing.TB, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestServesTheTree(t *testing.T) {
	dir, blob := served(t)
	h := tiles.Handler(dir)
	partialGone(t, dir)
	full := get(t, dir, "tile/0/001")
	w := newWorld(600)
	other := t.TempDir()
	w.publish(t, other, 300, verifytest.Start)
	tests := []struct{ path, media, cache, want string }{
		{"/checkpoint", "text/plain; charset=utf-8", "no-store", get(t, dir, "checkpoint")},
		{"checkpoint", "text/plain; charset=utf-8", "no-store", get(t, dir, "checkpoint")},
		{"/tile/0/000", octets, forever, get(t, dir, "tile/0/000")},
		{"/tile/0/002.p/88", octets, forever, get(t, dir, "tile/0/002.p/88")},
		{"/tile/1/000.p/2", octets, forever, get(t, dir, "tile/1/000.p/2")},
		{"/tile/entries/000", octets, forever, get(t, dir, "tile/entries/000")},
		{"/tile/entries/002.p/88", octets, forever, get(t, dir, "tile/entries/002.p/88")},
		// Collected since: made from the full file.
		{"/tile/0/001.p/44", octets, forever, full[:44*32]},
		{"/tile/entries/001.p/44", octets, forever, get(t, other, "tile/entries/001.p/44")},
		{"/blob/" + blob.String(), octets, forever, "<script>SYNTHETIC</script>"},
	}
	for _, tt := range tests {
		for _, method := range []string{"GET", "HEAD"} {
			r := ask(h, method, tt.path)
			got := map[string]string{"status": r.Status}
			for _, name := range []string{"Content-Type", "Cache-Control", "Access-Control-Allow-Origin", "X-Content-Type-Options", "Content-Security-Policy"} {
				got[name] = r.Header.Get(name)
			}
			want := map[string]string{"status": "200 OK", "Content-Type": tt.media, "Cache-Control": tt.cache, "Access-Control-Allow-Origin": "*",
				"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s %s: %s", method, tt.path, diff)
			}
			if b := body(t, r); method == "GET" && b != tt.want || method == "HEAD" && b != "" {
				t.Errorf("%s %s: %d bytes, want %d", method, tt.path, len(b), len(tt.want))
			}
		}
	}
	if r := ask(h, "GET", "/blob/"+blob.String()); r.Header.Get("Content-Disposition") != "attachment" {
		t.Error("a blob may be shown as a page of this site")
	}
}

func TestServesNothingElse(t *testing.T) {
	dir, blob := served(t)
	h := tiles.Handler(dir)
	for _, path := range []string{"", "/", "/tile", "/tile/", "/tile/0", "/tile/0/", "/tile/0/000/", "/tile/entries/", "/blob", "/blob/",
		"/.state/treeState", "/.mirror/lock", "/.blob/ABC", "/adamas.db", "/checkpoint1234", "/checkpoint/", "//checkpoint", "/Checkpoint",
		"/tile/0/0001234567", "/tile/0/002.p", "/tile/0/002.p/", "/tile/0/002.p/881234567", "/tile/0/002.p/088", "/tile/0/002.p/0", "/tile/0/002.p/256",
		"/tile/0/0", "/tile/00/000", "/tile/-1/000", "/tile/+0/000", "/tile/64/000", "/tile/data/000", "/tile/8/0/000", "/tile/0/x000/000",
		"/tile/0/999", "/tile/0/001.p/300", "/tile/entries/.hidden", "/tile/0/../../checkpoint", "/tile/../checkpoint", "/../outside", "/tile/0/../../../outside",
		"/tile/0/009", "/tile/0/008", "/blob/notes.txt", "/blob/../checkpoint", "/blob/" + strings.ToUpper(blob.String()), "/blob/" + blob.String() + "/",
		"/blob/" + canonical.Sum([]byte("no")).String(), "/tile/0/000\x00", "C:\\checkpoint", "\\checkpoint", "/tile\\0\\000"} {
		r := ask(h, "GET", path)
		b := body(t, r)
		if r.StatusCode != http.StatusNotFound && r.StatusCode != http.StatusInternalServerError || strings.Contains(b, "SECRET") || strings.Contains(b, dir) {
			t.Errorf("%q: %s %q", path, r.Status, b)
		}
		if r.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%q: an answer that may change is kept in caches", path)
		}
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"} {
		if r := ask(h, method, "/checkpoint"); r.StatusCode != http.StatusMethodNotAllowed || r.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %s", method, r.Status)
		}
	}
}

// TestRanges: a phone that was cut off goes on where it stopped.
func TestRanges(t *testing.T) {
	dir, blob := served(t)
	r := httptest.NewRequest("GET", "/blob/"+blob.String(), nil)
	r.Header.Set("Range", "bytes=8-16")
	w := httptest.NewRecorder()
	tiles.Handler(dir).ServeHTTP(w, r)
	if w.Code != http.StatusPartialContent || w.Body.String() != "SYNTHETIC" {
		t.Errorf("%d %q", w.Code, w.Body)
	}
}

// TestServedIsASource reads what the handler serves, under a prefix, and gets
// what the folder holds.
func TestServedIsASource(t *testing.T) {
	dir, _ := served(t)
	s := httptest.NewServer(http.StripPrefix("/log", tiles.Handler(dir)))
	defer s.Close()
	w := newWorld(600)
	got, err := readAll(t.Context(), openURL(t, s.URL+"/log"), w.checkpoint(t, 600), 0)
	if err != nil || !slices.EqualFunc(got, w.log.Leaves, slices.Equal) {
		t.Errorf("%d entries, %v", len(got), err)
	}
}

// FuzzPath: whatever is asked for, the answer is one of the public files or
// nothing, and says nothing of the folder.
func FuzzPath(f *testing.F) {
	dir, blob := served(f)
	public := map[string]bool{get(f, dir, "checkpoint"): true}
	for _, name := range files(f, dir) {
		if b := get(f, dir, name); !strings.Contains(b, "SECRET") {
			public[b] = true
		}
	}
	for _, seed := range []string{"/checkpoint", "/tile/0/000", "/tile/0/001.p/44", "/tile/entries/002.p/88", "/blob/" + blob.String(), "/../outside", "/.state/treeState",
		"/tile/0/009", "/tile/./0/000", "/tile/0/x001/000", "%2e%2e/outside", "/tile/0/000.p/1"} {
		f.Add(seed)
	}
	h := tiles.Handler(dir)
	heads := []string{get(f, dir, "tile/0/000"), get(f, dir, "tile/0/001"), get(f, dir, "tile/entries/000"), get(f, dir, "tile/entries/001")}
	f.Fuzz(func(t *testing.T, path string) {
		r := ask(h, "GET", path)
		b := body(t, r)
		if r.StatusCode == http.StatusOK {
			head := slices.ContainsFunc(heads, func(full string) bool { return strings.Contains(path, ".p/") && strings.HasPrefix(full, b) })
			if !public[b] && !head {
				t.Fatalf("%q gave out %q", path, b)
			}
			return
		}
		if strings.Contains(b, dir) || len(b) > 40 {
			t.Fatalf("%q: %s %q", path, r.Status, b)
		}
	})
}
