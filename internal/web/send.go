package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"sync"
)

// smallest is what is worth compressing: less than one packet is sent as it is.
const smallest = 1400

var compressors = sync.Pool{New: func() any {
	zw, _ := gzip.NewWriterLevel(io.Discard, gzip.DefaultCompression)
	return zw
}}

// buffers hold pages while they are made: a list of two hundred rows is 100 kB, which
// a new buffer would grow to in steps that the collector has to take away again.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// send writes a page, compressed where the browser takes that, with an ETag: a reader
// on a thin line who comes back is told that nothing has changed.
func (s *Site) send(w http.ResponseWriter, r *http.Request, status int, content []byte) error {
	h := w.Header()
	h.Add("Vary", "Accept-Encoding")
	if status == http.StatusOK {
		sum := sha256.Sum256(content)
		tag := `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
		h.Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return nil
		}
	}
	if len(content) >= smallest && takesGzip(r) {
		out := buffers.Get().(*bytes.Buffer)
		defer buffers.Put(out)
		out.Reset()
		zw := compressors.Get().(*gzip.Writer)
		defer compressors.Put(zw)
		zw.Reset(out)
		zw.Write(content) // into memory: it cannot fail
		zw.Close()
		content = out.Bytes()
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", strconv.Itoa(len(content)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(content) // a reader who has gone is no fault
	}
	return nil
}

// SendText sends text of another kind than a page the way pages are sent.
func (s *Site) SendText(w http.ResponseWriter, r *http.Request, kind string, content []byte) error {
	w.Header().Set("Content-Type", kind)
	if w.Header().Get("Cache-Control") == "" {
		w.Header().Set("Cache-Control", "no-cache")
	}
	return s.send(w, r, http.StatusOK, content)
}

// SendJSON sends a value as JSON.
func (s *Site) SendJSON(w http.ResponseWriter, r *http.Request, value any) error {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return err
	}
	return s.SendText(w, r, "application/json; charset=utf-8", out.Bytes())
}
