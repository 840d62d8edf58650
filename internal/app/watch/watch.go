// Package watch tells those who look after a node how it is: /health for a watchdog and
// for the page that people read, /metrics for Prometheus, and a line in the log for each
// request that failed or took long.
//
// Invariants:
//   - Nothing here names a person, a token or an address that somebody typed: a request
//     is told by the pattern of its route.
//   - What costs something (a write to prove that the disk takes it) is asked at most
//     every few seconds, however often strangers ask.
//   - The metrics have a registry of their own, and an address of their own that the
//     operator names; the public address does not serve them.
//
// It may import everything that app may.
package watch

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"adamas.example/internal/app/upkeep"
	"adamas.example/internal/module"
)

// Others is how the registers of others stand, as the node follows them.
type Others struct {
	Followed, Behind, Stale int
	Split                   string // one of which two states contradict each other
}

// Config is what a Watch needs.
type Config struct {
	Node     *module.Node
	Database string // the SQLite file; "" on a server
	Now      func() time.Time
	Slog     *slog.Logger
	Others   func(ctx context.Context) (Others, error)
	Backups  *upkeep.Backups // nil: none are scheduled
	Free     func(dir string) (uint64, error)
}

// Watch watches one node.
type Watch struct {
	cfg      Config
	registry *prometheus.Registry
	requests *prometheus.HistogramVec

	mu     sync.Mutex
	last   Health
	lastAt time.Time
}

// New begins to watch a node.
func New(c Config) (*Watch, error) {
	if c.Free == nil {
		c.Free = free
	}
	w := &Watch{cfg: c, registry: prometheus.NewRegistry(), requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "adamas_http_request_duration_seconds", Help: "Requests by route and class of status.",
		Buckets: []float64{.001, .005, .025, .1, .5, 2.5, 10}}, []string{"route", "class"})}
	for _, col := range []prometheus.Collector{w.requests, &nodeCollector{w}, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})} {
		if err := w.registry.Register(col); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// Metrics serves them in Prometheus' text form.
func (w *Watch) Metrics() http.Handler {
	return promhttp.HandlerFor(w.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
}

// slow is from when on a request is worth a line at the usual level.
const slow = 2 * time.Second

// Handler watches what mux answers. It stands directly around the mux, which writes the
// pattern of the route into the request that it is given.
func (w *Watch) Handler(mux http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		began := time.Now() // a duration, not the time of anything
		rec := &recorder{ResponseWriter: rw, status: http.StatusOK}
		mux.ServeHTTP(rec, r)
		took := time.Since(began)
		route := r.Pattern
		if route == "" {
			route = "none"
		}
		w.requests.WithLabelValues(route, class(rec.status)).Observe(took.Seconds())
		level := slog.LevelDebug
		if rec.status >= http.StatusInternalServerError || took > slow {
			level = slog.LevelInfo
		}
		if w.cfg.Slog.Enabled(r.Context(), level) {
			w.cfg.Slog.LogAttrs(r.Context(), level, "request", slog.String("method", method(r.Method)), slog.String("route", route),
				slog.Int("status", rec.status), slog.Int64("ms", took.Milliseconds()))
		}
	})
}

// method keeps what a stranger calls his method out of the log.
func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions, http.MethodPatch:
		return m
	}
	return "other"
}

func class(status int) string {
	if status < 100 || status > 599 {
		return "other"
	}
	return string(rune('0'+status/100)) + "xx"
}

// recorder keeps the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

// WriteHeader keeps the last status: those before it, 1xx, announce another.
func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController through.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
