package ledger_test

import (
	"context"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"

	"adamas.example/internal/keyring"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/ledgertest"
	"adamas.example/internal/store"
	"adamas.example/verify/statement"
)

// change runs SQL on a ledger's database.
func change(t *testing.T, l *ledger.Ledger, sql string, args ...any) {
	t.Helper()
	if err := l.Store().Write(t.Context(), time.Now(), func(tx *store.Tx) error {
		_, err := tx.Exec(sql, args...)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// TestAnswerIsStored: what who waits is told without reading it back is, to the
// last field, what the database says.
func TestAnswerIsStored(t *testing.T) {
	same := func(t *testing.T, l *ledger.Ledger, want ledger.State) {
		t.Helper()
		for n := range 4 {
			h, b := ruleSet(n)
			told, err := l.Record(t.Context(), office, h, b, want)
			if err != nil || told.State() != want {
				t.Fatalf("%+v, %v", told, err)
			}
			stored, err := l.Entry(t.Context(), told.ID)
			if err == nil && want == ledger.Logged {
				stored.WitnessedSize, stored.WitnessedAt = 0, time.Time{} // come to it meanwhile
			}
			if err != nil || !reflect.DeepEqual(told, stored) {
				t.Errorf("told   %+v\nstored %+v (%v)", told, stored, err)
			}
		}
	}
	quiet(t, func(t *testing.T, l *ledger.Ledger) { same(t, l, ledger.Logged) })
	t.Run("witnessed", func(t *testing.T) {
		same(t, ledgertest.New(t, "cf.kp.example/2026").Open("node"), ledger.Witnessed)
	})
}

// TestNumbersApart: a round whose numbers of signing are not one after another,
// since one between them waits for another log, is stored entry by entry.
func TestNumbersApart(t *testing.T) {
	l := ledgertest.New(t, "cf.kp.example/2026").Open("node")
	change(t, l, `CREATE TRIGGER elsewhere AFTER UPDATE OF signed ON ledger_entry BEGIN UPDATE ledger_entry SET origin = 'other.kp.example/2026' WHERE id = NEW.id; END`)
	var made []*ledger.Entry
	for n := range 4 {
		h, b := ruleSet(n)
		e, err := l.Record(t.Context(), office, h, b, ledger.Signed)
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, e)
	}
	change(t, l, `UPDATE ledger_entry SET origin = $1 WHERE id <> $2`, l.Log().Origin(), made[2].ID)
	if err := l.SetHold(t.Context(), ""); err != nil { // which wakes it
		t.Fatal(err)
	}
	for i, e := range []*ledger.Entry{made[0], made[1], made[3]} {
		got, err := l.Await(t.Context(), e.ID, ledger.Witnessed)
		if err != nil || got.Index != int64(i) {
			t.Errorf("entry %d: %+v, %v", i, got, err)
		}
	}
	if got, err := l.Entry(t.Context(), made[2].ID); err != nil || got.Index != -1 {
		t.Errorf("of the other log: %+v, %v", got, err)
	}
}

// TestRoundsUnderWay: what is signed while the indexes of a round are being stored
// is in the log before they are. When storing them then fails, all of it comes to
// its place, once.
func TestRoundsUnderWay(t *testing.T) {
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
	var made []*ledger.Entry
	for n := range 6 {
		h, b := ruleSet(n)
		e, err := l.Record(t.Context(), office, h, b, ledger.Signed)
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, e)
		if n == 0 {
			<-held
		}
	}
	for size := int64(0); size < 2; { // the first round's one, and of a second
		var err error
		if size, err = l.Log().Size(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond)
	}
	change(t, l, `CREATE TRIGGER full BEFORE UPDATE OF idx ON ledger_entry BEGIN SELECT RAISE(ABORT, 'SYNTHETIC disk full'); END`)
	close(release)
	for {
		if health, err := l.Health(t.Context()); err != nil || health.Fault != nil {
			break
		}
		time.Sleep(time.Millisecond)
	}
	change(t, l, `DROP TRIGGER full`)
	for i, e := range made {
		if got, err := l.Await(t.Context(), e.ID, ledger.Witnessed); err != nil || got.Index != int64(i) {
			t.Errorf("entry %d: %+v, %v", i, got, err)
		}
	}
	if n, err := l.Log().Size(t.Context()); err != nil || n != int64(len(made)) {
		t.Errorf("%d leaves for %d entries (%v)", n, len(made), err)
	}
}

// TestMarkingFails: a checkpoint is published and the database cannot say so.
// Nobody is told witnessed; all are once it can.
func TestMarkingFails(t *testing.T) {
	l := ledgertest.New(t, "cf.kp.example/2026").Open("node")
	change(t, l, `CREATE TRIGGER full BEFORE UPDATE OF witnessed_size ON ledger_entry BEGIN SELECT RAISE(ABORT, 'SYNTHETIC disk full'); END`)
	told := make(chan *ledger.Entry, 1)
	go func() {
		h, b := ruleSet(0)
		e, err := l.Record(t.Context(), office, h, b, ledger.Witnessed)
		if err != nil {
			t.Error(err)
		}
		told <- e
	}()
	for c, _ := l.Latest(); c == nil; c, _ = l.Latest() { // it satisfies the policy
		time.Sleep(time.Millisecond)
	}
	select {
	case e := <-told:
		t.Fatalf("told %+v", e)
	case <-time.After(100 * time.Millisecond):
	}
	change(t, l, `DROP TRIGGER full`)
	if e := <-told; e == nil || e.State() != ledger.Witnessed {
		t.Errorf("%+v", e)
	}
}

// falsified is the keyring's signer in a wrapper that spoils what it gives.
type falsified struct{ *keyring.Signer }

func (f falsified) Sign(ctx context.Context, u *statement.Unsigned) ([]byte, error) {
	b, err := f.Signer.Sign(ctx, u)
	if err == nil {
		b[len(b)-1] ^= 1
	}
	return b, err
}

// TestWrappedSigner: only the keyring's own signer is believed to have verified.
func TestWrappedSigner(t *testing.T) {
	s, err := keyring.NewSigner(keyring.Office, office.Private)
	if err != nil {
		t.Fatal(err)
	}
	quiet(t, func(t *testing.T, l *ledger.Ledger) {
		h, b := ruleSet(0)
		if e, err := l.Record(t.Context(), falsified{s}, h, b, ledger.Signed); err == nil {
			t.Errorf("a false signature was stored: %+v", e)
		}
		h, b = ruleSet(1)
		if _, err := l.Record(t.Context(), s, h, b, ledger.Signed); err != nil {
			t.Error(err)
		}
	})
}
