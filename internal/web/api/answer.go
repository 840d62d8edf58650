package api

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/verify/canonical"
)

// Versioned is a record that says how many steps it has: its ETag names them, and an act
// with If-Match is refused when there are more since.
type Versioned interface{ Version() int64 }

// File is an answer that is no JSON.
type File struct {
	Name  string
	Media string // "": the operation's
	Bytes []byte
}

// write is a value as JSON.
func write(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return b.Bytes(), err
}

// etag is the version of an answer.
func etag(v any, raw []byte) string {
	digest := canonical.Sum(raw)
	steps := int64(1)
	if r, ok := v.(Versioned); ok {
		steps = max(1, r.Version())
	}
	return `"` + strconv.FormatInt(steps, 10) + "." + hex.EncodeToString(digest[:8]) + `"`
}

// send writes an answer. What a reader has already he is not sent again.
func (a *API) send(w http.ResponseWriter, r *http.Request, status int, media, tag string, raw []byte) {
	h := w.Header()
	h.Set("Content-Type", media)
	h.Set("Cache-Control", cmp.Or(h.Get("Cache-Control"), "no-store"))
	h.Add("Vary", "Authorization, Accept-Language")
	if a.cfg.Site.Synthetic() {
		h.Set("Adamas-Synthetic", "SYNTHETIC")
	}
	if tag != "" {
		h.Set("ETag", tag)
		h.Set("Cache-Control", "private, no-cache")
		if r.Method == http.MethodGet && has(r.Header.Get("If-None-Match"), tag) {
			h.Del("Content-Type")
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(raw)))
	w.WriteHeader(status)
	w.Write(raw)
}

// has reads If-None-Match (RFC 9110 §13.1.2).
func has(header, tag string) bool {
	for one := range strings.SplitSeq(header, ",") {
		if one = strings.TrimPrefix(strings.TrimSpace(one), "W/"); one == tag || one == "*" {
			return true
		}
	}
	return false
}

// refuse answers with a problem (RFC 9457) in the language of the request. What is our
// mistake is logged under the reference that the program is told, with the operation and
// the program's id, and nothing that was sent.
func (a *API) refuse(w http.ResponseWriter, r *http.Request, c *Call, err error) {
	p := a.printer(r)
	var b [4]byte
	rand.Read(b[:])
	ref := strings.ToUpper(hex.EncodeToString(b[:]))
	kind := fault.KindOf(err)
	if _, known := fault.Of(err); !known || kind.Status() >= http.StatusInternalServerError && kind != fault.KindBusy {
		args := []any{"reference", ref, "method", r.Method, "error", err}
		if c != nil {
			args = append(args, "operation", c.op.ID, "program", c.Actor())
		}
		a.cfg.Slog.Error("operation failed", args...)
	}
	if kind == fault.KindUnproven {
		w.Header().Set("WWW-Authenticate", `Bearer realm="adamas"`)
	}
	if kind == fault.KindBusy || kind == fault.KindLimited {
		w.Header().Set("Retry-After", strconv.Itoa(a.wait(err)))
	}
	raw, failed := write(fault.ProblemOf(err, ref, p.FaultWords(ref)))
	if failed != nil { // an argument that JSON cannot say
		a.cfg.Slog.Error("a problem failed", "reference", ref, "error", failed)
		raw = []byte(`{"type":"about:blank","status":500,"instance":"` + ref + `"}`)
	}
	w.Header().Set("Content-Language", string(p.Language()))
	a.send(w, r, kind.Status(), fault.ProblemType, "", raw)
}

// wait is after how many seconds it is worth asking again: what refuses for a time says so
// by its argument seconds or until.
func (a *API) wait(err error) int {
	for _, f := range fault.All(err) {
		if n, ok := f.Args["seconds"].(int); ok {
			return max(1, n)
		}
		if until, ok := f.Args["until"].(time.Time); ok {
			return max(1, int(math.Ceil(until.Sub(a.cfg.Now()).Seconds())))
		}
	}
	return 1
}

func errNoOperation(r *http.Request) error {
	return fault.NotFound("api.no_operation", fault.Text(r.Method+" "+r.URL.Path))
}
