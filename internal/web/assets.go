package web

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"

	"crypto/sha256"
)

//go:embed dist
var dist embed.FS

// asset is a file that a browser may keep for ever.
type asset struct {
	kind       string // Content-Type
	content    []byte
	compressed bool
}

// assets are all files of dist, under one digest of them all and of the frame.
type assets struct {
	digest string
	files  map[string]asset
}

// ErrNotBuilt means that the program was built without `make build`.
var ErrNotBuilt = errors.New("web: the style sheet is missing: build the program with make build")

// kinds are content types that the system may not know.
var kinds = map[string]string{".wasm": "application/wasm", ".woff2": "font/woff2", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}

func loadAssets() (*assets, error) {
	entries, err := dist.ReadDir("dist")
	if err != nil {
		return nil, err
	}
	a := &assets{files: make(map[string]asset)}
	sum := sha256.New()
	for _, e := range entries {
		content, err := dist.ReadFile(path.Join("dist", e.Name()))
		if err != nil {
			return nil, err
		}
		if e.Name() == "README" {
			continue
		}
		name, compressed := strings.CutSuffix(e.Name(), ".gz")
		fmt.Fprintf(sum, "%s %d\n", e.Name(), len(content))
		sum.Write(content)
		kind := kinds[path.Ext(name)]
		if kind == "" {
			kind = mime.TypeByExtension(path.Ext(name))
		}
		a.files[name] = asset{kind, content, compressed}
	}
	frame, err := layout.ReadFile("layout/frame.html")
	if err != nil {
		return nil, err
	}
	sum.Write(frame) // a page that a browser keeps is kept with its frame
	if _, ok := a.files["site.css"]; !ok {
		return nil, ErrNotBuilt
	}
	a.digest = hex.EncodeToString(sum.Sum(nil))[:12]
	return a, nil
}

// path is the address of a file, "" where it is not built in.
func (a *assets) path(name string) string {
	if _, ok := a.files[name]; !ok {
		return ""
	}
	return "/assets/" + a.digest + "/" + name
}

// ServeHTTP serves /assets/{digest}/{name}. An older digest gets today's file, not to
// be kept: a page that is still open goes on working after an update.
func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := a.files[r.PathValue("name")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "no-cache")
	if r.PathValue("digest") == a.digest {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	serveStored(w, r, f.content, f.compressed)
}

// serveStored sends content that is stored compressed or not to a browser that takes
// it compressed or not.
func serveStored(w http.ResponseWriter, r *http.Request, content []byte, compressed bool) {
	h := w.Header()
	if compressed {
		h.Add("Vary", "Accept-Encoding")
		if takesGzip(r) {
			h.Set("Content-Encoding", "gzip")
		} else {
			zr, err := gzip.NewReader(bytes.NewReader(content))
			if err == nil {
				content, err = io.ReadAll(zr)
			}
			if err != nil {
				http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
				return
			}
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(content)))
	if r.Method != http.MethodHead {
		w.Write(content)
	}
}

// Content is a built file as it was before it was compressed; ok is false where it is
// not built in.
func (s *Site) Content(name string) (content []byte, ok bool) {
	f, ok := s.assets.files[name]
	if !ok || !f.compressed {
		return f.content, ok
	}
	zr, err := gzip.NewReader(bytes.NewReader(f.content))
	if err == nil {
		content, err = io.ReadAll(zr)
	}
	return content, err == nil
}

// takesGzip reads Accept-Encoding; a browser that refuses it gives it no weight.
func takesGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(name, "gzip") {
			weight, said := strings.CutPrefix(strings.ToLower(strings.ReplaceAll(q, " ", "")), "q=")
			return !said || strings.Trim(weight, "0.") != "" // refused are q=0 and q=0.000 (RFC 9110 §12.4.2)
		}
	}
	return false
}
