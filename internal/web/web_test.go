package web_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/web"
)

type shown struct{ Words string }

// world is a site with one page.
type world struct {
	*web.Site
	mux *http.ServeMux
	log bytes.Buffer
}

func newWorld(t *testing.T, o web.Options, show func(w http.ResponseWriter, r *http.Request) error) *world {
	t.Helper()
	words, err := lang.Load(web.Text())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{mux: http.NewServeMux()}
	w.Site, err = web.New(web.Config{Words: words, Synthetic: true, Office: "CF/bangui", Log: &w.log,
		Now: func() time.Time { return time.Date(2026, 11, 29, 1, 2, 3, 0, time.UTC) }})
	if errors.Is(err, web.ErrNotBuilt) {
		t.Fatal("run make build, or node web/build.mjs, first")
	} else if err != nil {
		t.Fatal(err)
	}
	pages := fstest.MapFS{"a.html": {Data: []byte(`{{define "main"}}<h1>{{.Title}}</h1><p>{{.Data.Words}}</p>{{end}}`)}}
	v, err := web.Parse[shown](w.Site, pages, "a.html", o)
	if err != nil {
		t.Fatal(err)
	}
	if show == nil {
		show = func(out http.ResponseWriter, r *http.Request) error {
			return v.Render(out, r, "A title", shown{strings.Repeat("<b>many words</b> ", 200)})
		}
	}
	w.Register(w.mux)
	w.mux.Handle("GET /a", web.Secure(w.Handle(show)))
	w.mux.Handle("/", web.Secure(http.HandlerFunc(w.NotFound)))
	return w
}

func (w *world) get(path string, head ...string) *http.Response {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	out := httptest.NewRecorder()
	w.mux.ServeHTTP(out, r)
	return out.Result()
}

func text(t *testing.T, r *http.Response) string {
	t.Helper()
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		zr, err := gzip.NewReader(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		body = zr
	}
	b, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestPage: data is never markup, the made-up world says so, and coming back costs
// nothing.
func TestPage(t *testing.T) {
	w := newWorld(t, web.Options{}, nil)
	plain := w.get("/a")
	page := text(t, plain)
	for _, want := range []string{"<strong>SYNTHETIC</strong>", "SYNTHETIC · A title", "&lt;b&gt;many words", `href="/a?lang=fr"`, "CF/bangui", "29 November 2026, 01:02\u00a0UTC"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Contains(page, "web.") || strings.Contains(page, "<script") || strings.Contains(page, "style=") {
		t.Error("a key instead of words, or something inline")
	}
	packed := w.get("/a", "Accept-Encoding", "br, gzip")
	if packed.Header.Get("Content-Encoding") != "gzip" || text(t, packed) != page {
		t.Error("compressed it is another page")
	}
	for _, no := range []string{"gzip;q=0", "gzip; Q=0.000"} {
		if r := w.get("/a", "Accept-Encoding", no); r.Header.Get("Content-Encoding") != "" {
			t.Errorf("compressed for a browser that says %q", no)
		}
	}
	again := w.get("/a", "If-None-Match", plain.Header.Get("ETag"))
	if again.StatusCode != http.StatusNotModified || text(t, again) != "" {
		t.Errorf("%d for what the reader has", again.StatusCode)
	}
}

// TestPolicies: what each kind of page may load, and no more.
func TestPolicies(t *testing.T) {
	for _, tt := range []struct {
		policy       web.Policy
		has, hasNot  []string
		camera       string
		manifestLink bool
	}{
		{web.Plain, []string{"default-src 'none'", "frame-ancestors 'none'"}, []string{"script-src", "unsafe", "worker-src"}, "camera=()", false},
		{web.Scripted, []string{"script-src 'self'"}, []string{"unsafe", "worker-src"}, "camera=()", false},
		{web.Checking, []string{"'wasm-unsafe-eval'", "worker-src 'self'"}, []string{"'unsafe-inline'", "'unsafe-eval'", "http:", "https:"}, "camera=(self)", true},
	} {
		w := newWorld(t, web.Options{Policy: tt.policy}, nil)
		r := w.get("/a")
		csp := r.Header.Get("Content-Security-Policy")
		if got := r.Header.Get("Referrer-Policy"); got != "same-origin" {
			t.Errorf("%d: a form of ours would not say where it comes from: %s", tt.policy, got)
		}
		for _, want := range tt.has {
			if !strings.Contains(csp, want) {
				t.Errorf("%d: %s is not in %s", tt.policy, want, csp)
			}
		}
		for _, wrong := range tt.hasNot {
			if strings.Contains(csp, wrong) {
				t.Errorf("%d: %s is in %s", tt.policy, wrong, csp)
			}
		}
		if !strings.HasPrefix(r.Header.Get("Permissions-Policy"), tt.camera) || strings.Contains(text(t, r), `rel="manifest"`) != tt.manifestLink {
			t.Errorf("%d: %s", tt.policy, r.Header.Get("Permissions-Policy"))
		}
	}
	w := newWorld(t, web.Options{}, nil)
	for _, path := range []string{"/none", w.Asset("site.css")} {
		if csp := w.get(path).Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") {
			t.Errorf("%s: policy %q", path, csp)
		}
	}
}

// TestLanguage: the address decides, then what was chosen before, then the browser.
func TestLanguage(t *testing.T) {
	w := newWorld(t, web.Options{}, nil)
	for _, tt := range []struct {
		path, cookie, accept, want string
	}{
		{"/a", "", "", "en"}, {"/a", "", "pt-BR,pt;q=0.9", "pt"}, {"/a", "fr", "pt", "fr"}, {"/a?lang=en", "fr", "pt", "en"},
		{"/a?lang=xx", "", "fr", "en"}, {"/a", "\x00;", "fr", "fr"},
	} {
		r := w.get(tt.path, "Cookie", "language="+tt.cookie, "Accept-Language", tt.accept)
		if !strings.Contains(text(t, r), `<html lang="`+tt.want) {
			t.Errorf("%+v: %s", tt, r.Header.Get("Content-Language"))
		}
		if chosen := strings.Contains(tt.path, "lang="); (len(r.Cookies()) == 1) != chosen {
			t.Errorf("%s sets %v", tt.path, r.Cookies())
		}
	}
	if page := text(t, w.get("/a?x=%22%3E%3Cscript%3E&lang=fr")); strings.Contains(page, "<script") || !strings.Contains(page, "lang=pt&amp;x=%22%3E%3Cscript%3E") {
		t.Error("the rest of the address is lost or let through")
	}
	// What a path's escapes hold never becomes another address.
	for path, want := range map[string]string{"/%2Fevil.example": `href="/%2Fevil.example?lang=fr"`, "/x%3Fy%23z": `href="/x%3Fy%23z?lang=fr"`} {
		if page := text(t, w.get(path)); !strings.Contains(page, want) || strings.Contains(page, `href="//`) {
			t.Errorf("%s: not %s", path, want)
		}
	}
}

// TestErrors: a fault is told in its words; what is none is told to the log, and the
// reader gets a reference to it.
func TestErrors(t *testing.T) {
	fails := errors.New("table certificate_life is locked")
	w := newWorld(t, web.Options{}, func(http.ResponseWriter, *http.Request) error { return fails })
	r := w.get("/a")
	page := text(t, r)
	_, ref, _ := strings.Cut(w.log.String(), "reference=")
	ref, _, _ = strings.Cut(ref, " ")
	if r.StatusCode != http.StatusInternalServerError || strings.Contains(page, "certificate_life") || !strings.Contains(w.log.String(), "certificate_life") || len(ref) != 8 || !strings.Contains(page, ref) {
		t.Errorf("%d %q %s", r.StatusCode, w.log.String(), page)
	}
	w.log.Reset()
	r = w.get("/<b>?lang=fr")
	if page = text(t, r); r.StatusCode != http.StatusNotFound || !strings.Contains(page, "Aucune page") || strings.Contains(page, "<b>?") || w.log.Len() > 0 {
		t.Errorf("%d %q %s", r.StatusCode, w.log.String(), page)
	}
	if _, ok := fault.Of(fails); ok {
		t.Error("the test proves nothing")
	}
}

// TestAssets: an address holds the digest of what it leads to, and may be kept for
// ever; an old one still leads somewhere.
func TestAssets(t *testing.T) {
	w := newWorld(t, web.Options{}, nil)
	path := w.Asset("site.css")
	packed, plain := w.get(path, "Accept-Encoding", "gzip"), w.get(path)
	if a, b := text(t, packed), text(t, plain); a != b || !strings.Contains(a, ".register") || packed.Header.Get("Content-Encoding") != "gzip" || plain.Header.Get("Content-Encoding") != "" {
		t.Error("the style sheet differs by how it is sent")
	}
	if c := plain.Header.Get("Cache-Control"); !strings.Contains(c, "immutable") || plain.Header.Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("%s %s", c, plain.Header.Get("Content-Type"))
	}
	old := w.get("/assets/000000000000/site.css")
	if c := old.Header.Get("Cache-Control"); old.StatusCode != http.StatusOK || strings.Contains(c, "immutable") {
		t.Errorf("an old address: %d %s", old.StatusCode, c)
	}
	if r := w.get("/assets/000000000000/README"); r.StatusCode == http.StatusOK && strings.Contains(text(t, r), "npm") {
		t.Error("what is not for browsers is served")
	}
	if w.Asset("nothing.js") != "" || w.get("/assets/0/nothing.js").StatusCode != http.StatusNotFound {
		t.Error("a file that is not there")
	}
	if css := text(t, w.get(path)); strings.Contains(css, "url(http") || strings.Contains(css, "url(//") || strings.Contains(css, "@import") || strings.Contains(css, "GDS Transport") {
		t.Error("the style sheet leads elsewhere or has a typeface that is not ours")
	}
}
