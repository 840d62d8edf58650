package ledger_test

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/ledgertest"
	"adamas.example/internal/store"
)

// TestWrongClock: a computer whose clock is behind what witnesses have attested, or
// ahead of them as they attest something, signs nothing; with the clock right it goes on.
func TestWrongClock(t *testing.T) {
	w := ledgertest.New(t, "cf.kp.example/2026")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var wrong atomic.Int64
	lc := w.LogConfig()
	lc.Dir = filepath.Join(ledgertest.Folder(t), "log")
	l, done := w.OpenWith(ledger.Config{Now: func() time.Time { return time.Now().Add(time.Duration(wrong.Load())) }, Clock: ledger.UsualClock()}, lc,
		store.Config{Path: filepath.Join(ledgertest.Folder(t), "adamas.db")})
	defer done()
	n := 0
	record := func() error {
		n++
		h, b := ruleSet(n)
		_, err := l.Record(ctx, office, h, b, ledger.Witnessed)
		return err
	}
	if err := record(); err != nil {
		t.Fatal(err)
	}
	wrong.Store(int64(-3 * time.Hour))
	err := record()
	f, ok := fault.Of(err)
	if !ok || f.Key != "ledger.clock_behind" || f.Args["minutes"].(int64) < 175 || f.Args["minutes"].(int64) > 181 {
		t.Fatalf("%v", err)
	}
	wrong.Store(int64(3 * time.Minute)) // as far as any clock may be
	if err := record(); err != nil {
		t.Fatal(err)
	}
	wrong.Store(int64(48 * time.Hour)) // shows only when they attest something
	if err := record(); err != nil {
		t.Fatal(err)
	}
	if err := record(); !fault.Is(err, "ledger.clock_ahead") {
		t.Fatalf("%v", err)
	}
	if err := l.Probe(ctx); err != nil {
		t.Error(err)
	}
}
