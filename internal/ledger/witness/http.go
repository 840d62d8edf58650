package witness

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Limits of the HTTP server. A witness talks to a handful of logs, over links
// that may be slow.
const (
	headerTimeout   = 5 * time.Second
	readTimeout     = 15 * time.Second
	writeTimeout    = 30 * time.Second // holds the disk and an agent that asks a person
	idleTimeout     = 2 * time.Minute
	shutdownTimeout = 10 * time.Second
	maxHeader       = 8 << 10 // bytes

	maxRetryAfter = 3600 // seconds
)

const (
	typeText = "text/plain; charset=utf-8"
	typeSize = "text/x.tlog.size" // tlog-witness: exactly this, without a charset
)

// attests is printed wherever this witness speaks to people.
const attests = "A cosignature of this witness says that the record of a log has not been changed\n" +
	"or hidden since that time. It never says that what is recorded is right.\n"

// Serve answers requests on ln until ctx ends, then waits a few seconds for
// those under way and returns nil. The caller closes the Witness afterwards.
// For TLS, give a TLS listener.
func (w *Witness) Serve(ctx context.Context, ln net.Listener) error {
	server := &http.Server{
		Handler:           w,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(w.log.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(ln) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serving the witness: %w", err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		return errors.Join(fmt.Errorf("stopping the witness: %w", err), server.Close())
	}
	return nil
}

// ServeHTTP answers the requests listed in the package comment.
func (w *Witness) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	rw.Header().Set("X-Content-Type-Options", "nosniff")
	rw.Header().Set("Cache-Control", "no-store")
	w.mux.ServeHTTP(rw, r)
}

func (w *Witness) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /add-checkpoint", w.serveAdd)
	mux.HandleFunc("GET /{hash}/checkpoint", w.serveCheckpoint)
	mux.HandleFunc("GET /{$}", w.serveStatus)
	return mux
}

func (w *Witness) serveAdd(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, MaxBody))
	if err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			http.Error(rw, fmt.Sprintf("body over %d bytes", MaxBody), http.StatusRequestEntityTooLarge)
			return
		}
		http.Error(rw, "body cannot be read", http.StatusBadRequest)
		return
	}
	line, err := w.addCheckpoint(r.Context(), body)
	if err != nil {
		writeRefusal(rw, err)
		return
	}
	rw.Header().Set("Content-Type", typeText)
	io.WriteString(rw, line) // a client that has gone asks again
}

// addCheckpoint answers one request: the cosignature line, or an error that is
// a *refusal or stands for 500.
func (w *Witness) addCheckpoint(ctx context.Context, body []byte) (line string, err error) {
	req, err := parseRequest(body)
	if err != nil {
		w.log.DebugContext(ctx, "malformed request", "error", err)
		return "", refuse(http.StatusBadRequest, err)
	}
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return "", refuse(http.StatusServiceUnavailable, errors.New("the witness is closing"))
	}
	e := w.active[OriginHash(req.origin)]
	if e == nil {
		w.log.DebugContext(ctx, "unknown log", "origin", cut(req.origin, maxName))
		return "", refuse(http.StatusNotFound, errors.New("this witness does not watch this log"))
	}
	var next opened
	defer func() { w.report(ctx, req, next.tree.N, err) }()
	if err := e.fault(); err != nil {
		return "", refuse(http.StatusInternalServerError, err)
	}
	next, err = openCheckpoint(req.note, req.origin, e.last.Load().keys)
	if errors.Is(err, errSignature) {
		return "", refuse(http.StatusForbidden, errSignature)
	}
	if err != nil {
		return "", refuse(http.StatusBadRequest, err)
	}
	return e.advance(req, next, &w.clock, w.cosign)
}

// report logs the outcome for a log on the list. Signed checkpoints of known
// logs that contradict what was cosigned are logged whole: they may be the
// proof of a fork (tlog-witness lets witnesses keep them). What any stranger
// can cause is no warning. size is 0 unless the log has signed the checkpoint.
func (w *Witness) report(ctx context.Context, req request, size int64, err error) {
	log := w.log.With("origin", req.origin, "old", req.old, "size", size)
	refused, isRefusal := errors.AsType[*refusal](err)
	switch {
	case err == nil:
		log.InfoContext(ctx, "cosigned")
	case !isRefusal:
		log.ErrorContext(ctx, "not cosigned", "error", err)
	case refused.status == http.StatusUnprocessableEntity:
		log.ErrorContext(ctx, "log shows another history", "reason", refused.cause, "checkpoint", cut(string(req.note), 4<<10))
	case refused.status >= http.StatusInternalServerError:
		log.ErrorContext(ctx, "refused", "status", refused.status, "reason", refused.cause)
	default:
		log.InfoContext(ctx, "refused", "status", refused.status, "reason", refused.cause, "stored", refused.size)
	}
}

// writeRefusal answers with the status and one English sentence for the log of
// the asking program; 409 has the size alone. A cause of 500 stays here: it
// names files.
func writeRefusal(rw http.ResponseWriter, err error) {
	refused, ok := errors.AsType[*refusal](err)
	if !ok || refused.status == http.StatusInternalServerError {
		http.Error(rw, "this witness cannot sign for this log now; its operator must look", http.StatusInternalServerError)
		return
	}
	if refused.status == http.StatusConflict {
		rw.Header().Set("Content-Type", typeSize)
		rw.WriteHeader(http.StatusConflict)
		fmt.Fprintf(rw, "%d\n", refused.size)
		return
	}
	if behind, ok := errors.AsType[*errClock](refused.cause); ok {
		wait := min(max(behind.last-behind.now, 1), maxRetryAfter)
		rw.Header().Set("Retry-After", strconv.FormatInt(wait, 10))
	}
	http.Error(rw, refused.cause.Error(), refused.status)
}

// serveCheckpoint is the monitoring address of tlog-witness: 404 for a log that
// is not on the list or was never cosigned.
func (w *Witness) serveCheckpoint(rw http.ResponseWriter, r *http.Request) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	e := w.active[r.PathValue("hash")]
	if e == nil || w.closed {
		http.NotFound(rw, r)
		return
	}
	note, err := e.checkpoint(w.cosign)
	if err != nil {
		w.log.ErrorContext(r.Context(), "checkpoint not served", "log", r.PathValue("hash"), "error", err)
		writeRefusal(rw, err)
		return
	}
	if note == "" {
		http.NotFound(rw, r)
		return
	}
	rw.Header().Set("Content-Type", typeText)
	io.WriteString(rw, note)
}

// serveStatus is the page for people.
func (w *Witness) serveStatus(rw http.ResponseWriter, r *http.Request) {
	var b strings.Builder
	fmt.Fprintf(&b, "Witness %s\n\n%s\nKey: %s\n\nLogs:\n", w.Name(), attests, w.VKey())
	for _, l := range w.Status() {
		fmt.Fprintf(&b, "\n  %s\n", l.Origin)
		switch {
		case l.Cosigned.IsZero():
			b.WriteString("    nothing cosigned yet\n")
		default:
			fmt.Fprintf(&b, "    %d entries, last cosigned %s UTC\n    root %s\n",
				l.Size, l.Cosigned.Format(time.DateTime), l.Root)
		}
		if l.Fault != nil {
			b.WriteString("    REFUSED: this witness cannot sign for this log; its operator must look\n")
		}
	}
	rw.Header().Set("Content-Type", typeText)
	io.WriteString(rw, b.String())
}

func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return s[:limit]
}
