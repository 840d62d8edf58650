package watch

import (
	"context"
	"net/http"
	"time"

	"encoding/json"

	"adamas.example/internal/fault"
)

// State of a check.
const (
	Good = "ok"
	Warn = "warn" // somebody should look
	Fail = "fail" // the node cannot issue, or must not
)

// Check is one thing that was looked at.
type Check struct {
	Name   string         `json:"name"`
	State  string         `json:"state"`
	Why    string         `json:"why,omitempty"` // a word for programs, and the end of the words' key
	Detail map[string]any `json:"detail,omitempty"`
}

// Health is how a node is. It is not ready when it cannot issue.
type Health struct {
	Ready  bool      `json:"ready"`
	At     time.Time `json:"at"`
	Checks []Check   `json:"checks"`
}

const (
	askAgain  = 5 * time.Second
	leastFree = 64 << 20  // below it a day's work does not fit, and SQLite's own files may not
	lowFree   = 512 << 20 // below it somebody should look
	longWait  = 15 * time.Minute
)

// Health looks, or gives what it saw a moment ago.
func (w *Watch) Health(ctx context.Context) Health {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.cfg.Now().UTC()
	if age := now.Sub(w.lastAt); age >= 0 && age < askAgain && !w.lastAt.IsZero() {
		return w.last
	}
	// One look serves all who ask meanwhile: it does not end with the first of them.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	h := Health{Ready: true, At: now, Checks: w.look(ctx, now)}
	for _, c := range h.Checks {
		h.Ready = h.Ready && c.State != Fail
	}
	w.last, w.lastAt = h, now
	return h
}

func (w *Watch) look(ctx context.Context, now time.Time) []Check {
	checks := []Check{w.database(ctx)}
	checks = append(checks, w.log(ctx, now)...)
	checks = append(checks, w.disk(), w.clock())
	if c, ok := w.others(ctx); ok {
		checks = append(checks, c)
	}
	if w.cfg.Backups != nil {
		checks = append(checks, w.backup(now))
	}
	return checks
}

func (w *Watch) database(ctx context.Context) Check {
	err := w.cfg.Node.Ledger.Probe(ctx)
	if err == nil {
		return Check{Name: "database", State: Good}
	}
	w.cfg.Slog.Error("the database cannot be written", "error", err)
	return Check{Name: "database", State: Fail, Why: keyOf(err)}
}

func keyOf(err error) string {
	if f, ok := fault.Of(err); ok {
		return f.Key
	}
	return fault.Unexpected
}

// log is how the register stands: on hold, out of order, waiting for witnesses.
func (w *Watch) log(ctx context.Context, now time.Time) []Check {
	h, err := w.cfg.Node.Ledger.Health(ctx)
	switch {
	case err != nil:
		return []Check{{Name: "log", State: Fail, Why: keyOf(err)}}
	case h.Hold != "":
		return []Check{{Name: "log", State: Fail, Why: "hold", Detail: map[string]any{"hold": h.Hold}}}
	case h.Fault != nil:
		return []Check{{Name: "log", State: Fail, Why: keyOf(h.Fault)}}
	}
	log := Check{Name: "log", State: Good, Detail: map[string]any{"size": h.Size, "waiting": h.Signed}}
	seen := Check{Name: "witnessed", State: Good}
	if h.Time.IsZero() {
		seen.State, seen.Why = Warn, "never"
		return []Check{log, seen}
	}
	seen.Detail = map[string]any{"last": h.Time, "size": h.Witnessed}
	if h.Witnessed < h.Size && now.Sub(h.Time) > longWait {
		seen.State, seen.Why = Warn, "waiting"
	}
	return []Check{log, seen}
}

func (w *Watch) disk() Check {
	left, err := w.cfg.Free(w.cfg.Node.Dir)
	c := Check{Name: "disk", State: Good}
	if err != nil {
		c.State, c.Why = Warn, "unknown"
		return c
	}
	c.Detail = map[string]any{"free_mb": int64(left >> 20)}
	switch {
	case left < leastFree:
		c.State, c.Why = Fail, "full"
	case left < lowFree:
		c.State, c.Why = Warn, "low"
	}
	return c
}

func (w *Watch) clock() Check {
	err := w.cfg.Node.Ledger.ClockFault()
	if err == nil {
		return Check{Name: "clock", State: Good}
	}
	c := Check{Name: "clock", State: Fail, Why: keyOf(err)}
	if f, ok := fault.Of(err); ok {
		c.Detail = map[string]any{"minutes": f.Args["minutes"]}
	}
	return c
}

// others: one that is not up to date is its own node's matter; one that contradicts
// itself is everybody's.
func (w *Watch) others(ctx context.Context) (Check, bool) {
	o, err := w.cfg.Others(ctx)
	switch {
	case err != nil:
		return Check{Name: "followed", State: Fail, Why: keyOf(err)}, true
	case o.Split != "":
		return Check{Name: "followed", State: Fail, Why: "split", Detail: map[string]any{"origin": o.Split}}, true
	case o.Followed == 0:
		return Check{}, false
	}
	c := Check{Name: "followed", State: Good, Detail: map[string]any{"registers": int64(o.Followed), "late": int64(o.Behind + o.Stale)}}
	if o.Behind+o.Stale > 0 {
		c.State, c.Why = Warn, "late"
	}
	return c, true
}

func (w *Watch) backup(now time.Time) Check {
	b := w.cfg.Backups.State()
	c := Check{Name: "backup", State: Good}
	switch {
	case b.Fault != nil:
		c.State, c.Why = Warn, "failed"
	case b.Last.IsZero():
		c.State, c.Why = Warn, "never"
	case now.Sub(b.Last) > 2*w.cfg.Backups.Every:
		c.State, c.Why = Warn, "late"
	}
	if !b.Last.IsZero() {
		c.Detail = map[string]any{"last": b.Last}
	}
	return c
}

// ServeHealth answers a watchdog: 200 while the node can issue, else 503, and why.
func (w *Watch) ServeHealth(rw http.ResponseWriter, r *http.Request) {
	h := w.Health(r.Context())
	rw.Header().Set("Content-Type", "application/json")
	rw.Header().Set("Cache-Control", "no-store")
	if !h.Ready {
		rw.WriteHeader(http.StatusServiceUnavailable)
	}
	enc := json.NewEncoder(rw)
	enc.SetIndent("", "  ")
	if err := enc.Encode(h); err != nil {
		w.cfg.Slog.Debug("tell how the node is", "error", err)
	}
}
