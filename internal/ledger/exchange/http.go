package exchange

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"adamas.example/internal/fault"
	"adamas.example/verify/message"
)

// Bounds on what others may ask of a node. An office of 150 certificates a day
// sends a message every three minutes; after days without a network a hundred come
// at once, and are told to wait.
const (
	perSecond  = 2  // messages from one address
	burst      = 30 // at once
	mostOpen   = 16 // requests at a time
	mostFrom   = 4  // of one address
	addresses  = 4096
	retryAfter = 15 // seconds
)

// Handler takes messages that other nodes post, at one path. The answer is the
// acknowledgement, encrypted to the sender, with status 200; for every message that
// is not taken, whatever the reason, it is 202 and nothing: a stranger learns
// neither who is known here nor what has come. What is no encrypted message at all
// is told so (400, 413), and who comes too often is told to wait (429, 503).
func (o *Office) Handler() http.Handler {
	return &postHandler{office: o, open: make(chan struct{}, mostOpen), from: map[string]*visitor{}}
}

type postHandler struct {
	office *Office
	open   chan struct{}

	mu   sync.Mutex
	from map[string]*visitor
}

// visitor is one address that has come lately.
type visitor struct {
	pace *rate.Limiter
	open int
}

func (h *postHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	leave, ok := h.enter(r.RemoteAddr)
	if !ok {
		w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
		http.Error(w, http.StatusText(http.StatusTooManyRequests), http.StatusTooManyRequests)
		return
	}
	defer leave()
	// A message may come over 2G; the server's own limits are for pages. A writer
	// that cannot be given more time (in tests) keeps those.
	until := time.Now().Add(sendTimeout)
	control := http.NewResponseController(w)
	if err := errors.Join(control.SetReadDeadline(until), control.SetWriteDeadline(until)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
		return
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxRaw))
	if err != nil {
		status := http.StatusBadRequest
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			status = http.StatusRequestEntityTooLarge
		}
		http.Error(w, http.StatusText(status), status)
		return
	}
	h.answer(w, r, raw)
}

// answer receives, and acknowledges what was taken.
func (h *postHandler) answer(w http.ResponseWriter, r *http.Request, raw []byte) {
	// Whoever hangs up after the last byte has sent his message all the same.
	ctx := context.WithoutCancel(r.Context())
	in, _, err := h.office.Receive(ctx, raw, HTTP)
	switch {
	case fault.Is(err, "exchange.not_a_message"):
		http.Error(w, http.StatusText(http.StatusBadRequest), http.StatusBadRequest)
		return
	case fault.Is(err, "exchange.inbox_full"), err != nil && fault.KindOf(err) >= fault.KindIO:
		h.office.slog.Error("take in a message", "error", err)
		w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
		http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
		return
	}
	if err == nil && in.Message != nil && in.Message.Kind != message.Acknowledgement {
		ack, err := h.office.acknowledgement(ctx, in.Message)
		if err == nil {
			w.Header().Set("Content-Type", octet)
			w.Write(ack)
			return
		}
		h.office.slog.Warn("acknowledge a message", "from", in.Message.From, "error", err)
	}
	w.WriteHeader(http.StatusAccepted)
}

// enter lets a request in, unless its address comes too often or too many are in.
func (h *postHandler) enter(remote string) (leave func(), ok bool) {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	v := h.from[host]
	if v == nil {
		if len(h.from) >= addresses {
			h.sweep()
		}
		v = &visitor{pace: rate.NewLimiter(perSecond, burst)}
		h.from[host] = v
	}
	if v.open >= mostFrom || !v.pace.Allow() {
		return nil, false
	}
	select {
	case h.open <- struct{}{}:
	default:
		return nil, false
	}
	v.open++
	return func() {
		<-h.open
		h.mu.Lock()
		v.open--
		h.mu.Unlock()
	}, true
}

// sweep forgets addresses that are owed nothing: those whose burst is whole again,
// or, when every address is busy, all that have nothing open.
func (h *postHandler) sweep() {
	for host, v := range h.from {
		if v.open == 0 && v.pace.Tokens() >= burst {
			delete(h.from, host)
		}
	}
	if len(h.from) < addresses {
		return
	}
	for host, v := range h.from {
		if v.open == 0 {
			delete(h.from, host)
		}
	}
}
