package ledger_test

import (
	"context"
	"errors"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"adamas.example/internal/fault"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/ledgertest"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// TestAwaitGivesUp: who cannot wait any longer is told how far the statement has
// come, and it goes on without him.
func TestAwaitGivesUp(t *testing.T) {
	w := ledgertest.New(t, "cf.kp.example/2026")
	l := w.Open("node")
	for _, x := range w.Witnesses {
		if x.Label == "civ1" || x.Label == "civ2" {
			x.Stop()
		}
	}
	h, b := ruleSet(1)
	e, err := l.Record(t.Context(), office, h, b, ledger.Logged)
	if err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	got, err := l.Await(ended, e.ID, ledger.Witnessed)
	if !errors.Is(err, context.Canceled) || got == nil || got.State() != ledger.Logged || got.ID != e.ID {
		t.Fatalf("%+v, %v", got, err)
	}
	if got, err := l.Await(t.Context(), e.ID, ledger.Signed); err != nil || got.State() < ledger.Signed {
		t.Errorf("waiting for what is past: %v", err)
	}
	if _, err := l.Await(t.Context(), canonical.Sum([]byte("nothing")), ledger.Signed); !fault.Is(err, "ledger.unknown_entry") {
		t.Errorf("waiting for nothing: %v", err)
	}
	for _, x := range w.Witnesses {
		if x.Label == "civ2" {
			w.Start(x)
		}
	}
	if got, err = l.Await(t.Context(), e.ID, ledger.Witnessed); err != nil || got.State() != ledger.Witnessed {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestPillarGone: while all witnesses of one pillar are away, statements come into
// the log and no further; when one of them is back, they are witnessed.
func TestPillarGone(t *testing.T) {
	for _, pillar := range []string{"gov", "ind", "civ"} {
		t.Run(pillar, func(t *testing.T) {
			t.Parallel()
			w := ledgertest.New(t, "cf.kp.example/2026")
			l := w.Open("node")
			h, b := ruleSet(0)
			before, err := l.Record(t.Context(), office, h, b, ledger.Witnessed)
			if err != nil {
				t.Fatal(err)
			}
			var away []*ledgertest.Witness
			for _, x := range w.Witnesses {
				if x.Label[:3] == pillar {
					x.Stop()
					away = append(away, x)
				}
			}
			h, b = ruleSet(1)
			e, err := l.Record(t.Context(), office, h, b, ledger.Logged)
			if err != nil {
				t.Fatal(err)
			}
			soon, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond) // some rounds of publishing
			defer cancel()
			if got, err := l.Await(soon, e.ID, ledger.Witnessed); !errors.Is(err, context.DeadlineExceeded) || got.State() != ledger.Logged {
				t.Fatalf("without %s: %+v, %v", pillar, got, err)
			}
			c, _ := l.Latest()
			if c.Checkpoint.Size != before.Index+1 {
				t.Errorf("published %d entries without %s", c.Checkpoint.Size, pillar)
			}
			health, err := l.Health(t.Context())
			if err != nil || health.Logged != 1 || health.Witnessed != 1 || health.Size != 2 || health.Prepared != 0 || health.Signed != 0 {
				t.Errorf("health %+v, %v", health, err)
			}
			w.Start(away[1]) // one of the two is enough
			if got, err := l.Await(t.Context(), e.ID, ledger.Witnessed); err != nil || got.State() != ledger.Witnessed {
				t.Fatalf("%+v, %v", got, err)
			}
		})
	}
}

// TestHealth counts what waits at each step.
func TestHealth(t *testing.T) {
	w := ledgertest.New(t, "cf.kp.example/2026")
	held, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	point := func(name string) {
		if name == "append.added" {
			once.Do(func() { close(held) })
			<-release
		}
	}
	l, done := w.OpenWith(ledger.Config{Point: point}, w.LogConfig(), store.Config{Path: filepath.Join(w.Dir, "node", "adamas.db")})
	defer done()
	numbers := func() [5]int64 {
		t.Helper()
		h, err := l.Health(t.Context())
		if err != nil || h.Hold != "" || h.Fault != nil {
			t.Fatalf("%+v, %v", h, err)
		}
		return [5]int64{h.Prepared, h.Signed, h.Logged, h.Size, h.Witnessed}
	}
	if diff := cmp.Diff([5]int64{}, numbers()); diff != "" {
		t.Error(diff)
	}
	for n := range 2 {
		h, b := ruleSet(n)
		if _, err := intend(t, l, office.Key(), h, b); err != nil {
			t.Fatal(err)
		}
	}
	h, b := ruleSet(7)
	e, err := l.Record(t.Context(), office, h, b, ledger.Signed)
	if err != nil {
		t.Fatal(err)
	}
	<-held // it is in the files, and the database does not know where
	if got := numbers(); got[0] != 2 || got[1] != 1 || got[2] != 0 || got[3] != 1 {
		t.Errorf("%v", got)
	}
	close(release)
	if _, err := l.Await(t.Context(), e.ID, ledger.Witnessed); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([5]int64{2, 0, 0, 1, 1}, numbers()); diff != "" {
		t.Error(diff)
	}
	health, err := l.Health(t.Context())
	if err != nil || health.Time.IsZero() || len(health.Witnesses) < 3 {
		t.Errorf("%+v, %v", health, err)
	}
	for label, at := range health.Witnesses {
		if at.Before(health.Time) && len(health.Witnesses) == 3 {
			t.Errorf("%s cosigned at %s, before the oldest time of the quorum %s", label, at, health.Time)
		}
	}
}

// TestCutOffAnywhere ends the goroutine at each point of the order of acts, as a
// crash would the process, and opens the ledger again: whatever was signed comes
// to its place in the log, once, and what was not signed can be.
func TestCutOffAnywhere(t *testing.T) {
	for _, at := range []string{"intend.stored", "sign.before", "sign.signed", "sign.stored", "append.added", "append.stored", "publish.seen", "publish.stored"} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			w := ledgertest.New(t, "cf.kp.example/2026")
			sc := store.Config{Path: filepath.Join(w.Dir, "node", "adamas.db")}
			l, done := w.OpenWith(ledger.Config{}, w.LogConfig(), sc)
			h, b := ruleSet(0)
			if _, err := l.Record(t.Context(), office, h, b, ledger.Witnessed); err != nil {
				t.Fatal(err)
			}
			done()
			reached := make(chan struct{})
			var armed atomic.Bool
			point := func(name string) {
				if name == at && armed.CompareAndSwap(true, false) {
					close(reached)
					runtime.Goexit()
				}
			}
			l, done = w.OpenWith(ledger.Config{Point: point}, w.LogConfig(), sc)
			armed.Store(true)
			h, b = ruleSet(1)
			clerk := make(chan struct{})
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				defer close(clerk)
				l.Record(ctx, office, h, b, ledger.Witnessed)
			}()
			<-reached
			cancel()
			<-clerk
			done()
			l, done = w.OpenWith(ledger.Config{}, w.LogConfig(), sc)
			defer done()
			left, err := l.Unsigned(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range left {
				if _, err := l.Sign(t.Context(), e.ID, office); err != nil {
					t.Fatal(err)
				}
			}
			payload, err := statement.Payload(withType(h, b), b)
			if err != nil {
				t.Fatal(err)
			}
			e, err := l.Await(t.Context(), canonical.Sum(payload), ledger.Witnessed)
			if err != nil {
				t.Fatal(err)
			}
			size, err := l.Log().Size(t.Context())
			if err != nil || size != 2 || e.Index != 1 {
				t.Errorf("%d entries in the log, ours at %d (%v)", size, e.Index, err)
			}
			leaves, err := l.Log().Leaves(t.Context(), 1, 2)
			if err != nil || canonical.Sum(leaves[0]) != e.Hash {
				t.Errorf("the log holds another leaf: %v", err)
			}
		})
	}
}

// TestWitnessedMeansStored: the checkpoint over an entry is read before the
// entry's index is stored, so it is the appending goroutine that marks it. Who
// waits is not told before that: what it reads then says witnessed, and has a
// proof.
func TestWitnessedMeansStored(t *testing.T) {
	w := ledgertest.New(t, "cf.kp.example/2026")
	var mu sync.Mutex
	var read, stored chan struct{} // of this round; nil: no round
	point := func(name string) {
		mu.Lock()
		r, s := read, stored
		mu.Unlock()
		switch {
		case r == nil:
		case name == "append.added":
			<-r
		case name == "append.stored":
			close(s)
		case name == "publish.stored":
			select {
			case <-r: // a later checkpoint
			default:
				close(r)
				<-s
			}
		}
	}
	l, done := w.OpenWith(ledger.Config{Point: point}, w.LogConfig(), store.Config{Path: filepath.Join(w.Dir, "node", "adamas.db")})
	defer done()
	for n := range 6 {
		mu.Lock()
		read, stored = make(chan struct{}), make(chan struct{})
		mu.Unlock()
		h, b := ruleSet(n)
		e, err := l.Record(t.Context(), office, h, b, ledger.Witnessed)
		mu.Lock()
		read = nil
		mu.Unlock()
		if err != nil {
			t.Fatal(err)
		}
		if e.State() != ledger.Witnessed {
			t.Fatalf("round %d: told it is witnessed, and reads %s", n, e.State())
		}
		if _, err := l.Proof(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
}
