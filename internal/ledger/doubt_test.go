package ledger_test

import (
	"sync"
	"testing"
	"time"

	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/ledgertest"
	"adamas.example/internal/store"
	"adamas.example/verify/statement"
)

// TestIndexNotStored: the log has taken a leaf and the database then fails to
// store its index (a full disk). The leaf is not appended a second time when
// the database works again.
func TestIndexNotStored(t *testing.T) {
	w := ledgertest.New(t, "cf.kp.example/2026")
	l := w.Open("node")
	exec := func(sql string) {
		t.Helper()
		if err := l.Store().Write(t.Context(), time.Now(), func(tx *store.Tx) error {
			_, err := tx.Exec(sql)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	exec(`CREATE TRIGGER full BEFORE UPDATE OF idx ON ledger_entry BEGIN SELECT RAISE(ABORT, 'SYNTHETIC disk full'); END`)
	h, b := ruleSet(1)
	e, err := l.Record(t.Context(), office, h, b, ledger.Signed)
	if err != nil {
		t.Fatal(err)
	}
	for {
		health, err := l.Health(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if health.Fault != nil && health.Size > 0 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	exec(`DROP TRIGGER full`)
	if e, err = l.Await(t.Context(), e.ID, ledger.Witnessed); err != nil || e.Index != 0 {
		t.Fatalf("%+v %v", e, err)
	}
	if n, err := l.Log().Size(t.Context()); err != nil || n != 1 {
		t.Errorf("the leaf stands %d times in the log (%v)", n, err)
	}
}

// TestNobodyWaitsForTheNextCheckpoint: many clerks at once, each told of its
// witnesses in the round that covered it, and the database agreeing with what
// they were told.
func TestNobodyWaitsForTheNextCheckpoint(t *testing.T) {
	w := ledgertest.New(t, "cf.kp.example/2026")
	l := w.Open("node")
	var wg sync.WaitGroup
	for clerk := range 24 {
		wg.Go(func() {
			for n := range 6 {
				h, _ := ruleSet(1)
				_, b := ruleSet(1)
				h.Subject = "rule-set/" + string(rune('a'+clerk)) + string(rune('0'+n))
				e, err := l.Record(t.Context(), office, h, b, ledger.Witnessed)
				if err != nil || e.State() != ledger.Witnessed {
					t.Errorf("told witnessed, is %v (%v)", e.State(), err)
					return
				}
				p, err := l.Proof(t.Context(), e)
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := statement.Parse(e.Signed); err != nil || p.Index != e.Index {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}
