package tiles

import (
	"bytes"
	"errors"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"time"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"

	"adamas.example/verify/canonical"
)

// Handler serves the public files of the log in dir: checkpoint, tiles, bundles
// and blobs, at their paths; mount it with http.StripPrefix elsewhere. A path
// that is not the one form of such a file's name is not found, whatever lies in
// the folder. A partial tile that garbage collection has removed is answered
// from the full one, so that a reader who began before it is not left alone.
func Handler(dir string) http.Handler { return &handler{src: OpenFolder(dir)} }

type handler struct{ src *Source }

const (
	forever = "public, max-age=31536000, immutable"
	octets  = "application/octet-stream"
)

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Access-Control-Allow-Origin", "*") // public files, no credentials
	header.Set("X-Content-Type-Options", "nosniff")
	// A blob holds whatever its author put there: no browser may take it, or
	// anything else here, for a page of this site.
	header.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		header.Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	path := strings.TrimPrefix(r.URL.Path, "/")
	var err error
	switch {
	case path == "checkpoint":
		err = h.checkpoint(w, r)
	case strings.HasPrefix(path, "blob/"):
		err = h.blob(w, r, path)
	default:
		err = h.tile(w, r, path)
	}
	switch {
	case err == nil:
	case errors.Is(err, fs.ErrNotExist):
		fail(w, http.StatusNotFound)
	default:
		fail(w, http.StatusInternalServerError)
	}
}

// fail answers without a word of the folder, and keeps caches from keeping it:
// what is not there yet may come.
func fail(w http.ResponseWriter, status int) {
	w.Header().Set("Cache-Control", "no-store")
	http.Error(w, http.StatusText(status), status)
}

func (h *handler) checkpoint(w http.ResponseWriter, r *http.Request) error {
	b, err := h.src.file(r.Context(), "checkpoint", maxCheckpoint)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	answer(w, r, "text/plain; charset=utf-8", b)
	return nil
}

func (h *handler) tile(w http.ResponseWriter, r *http.Request, path string) error {
	t, err := parseTile(path)
	if err != nil {
		return err
	}
	b, err := h.src.tile(r.Context(), t)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", forever)
	answer(w, r, octets, b)
	return nil
}

// parseTile reads the path of a tile or bundle, which has one form only.
func parseTile(path string) (tlog.Tile, error) {
	t, err := torchwood.ParseTilePath(path)
	if err != nil || t.L < -1 || torchwood.TilePath(t) != path {
		return tlog.Tile{}, fs.ErrNotExist
	}
	return t, nil
}

func (h *handler) blob(w http.ResponseWriter, r *http.Request, path string) error {
	var hash canonical.Hash
	if err := hash.UnmarshalText([]byte(strings.TrimPrefix(path, "blob/"))); err != nil || blobPath(hash) != path {
		return fs.ErrNotExist
	}
	f, err := openBlob(r.Context(), h.src, hash)
	if err != nil {
		return err
	}
	defer f.Close()
	header := w.Header()
	header.Set("Cache-Control", forever)
	header.Set("Content-Type", octets)
	header.Set("Content-Disposition", "attachment")
	header.Set("ETag", strconv.Quote(hash.String()))
	http.ServeContent(w, r, "", time.Time{}, f)
	return nil
}

func answer(w http.ResponseWriter, r *http.Request, media string, b []byte) {
	w.Header().Set("Content-Type", media)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b))
}
