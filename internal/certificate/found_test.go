package certificate_test

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"adamas.example/internal/certificate"
	"adamas.example/internal/fault"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/ledgertest"
	"adamas.example/internal/ledger/recovery"
	"adamas.example/internal/ledger/tiles"
	"adamas.example/internal/store"
	"adamas.example/verify/statement"
)

// restoredDesk issues two certificates, is backed up with a third allotted, goes on
// for some days, and is then put back from the backup and recovered from a mirror.
func restoredDesk(t *testing.T, ctx context.Context) (d *desk, lost []string, old *statement.Statement) {
	w := ledgertest.New(t, "cf.kp.example/2026")
	schemas := []store.Schema{ledger.Schema(), certificate.Schema()}
	node := func(name string) (ledger.LogConfig, store.Config) {
		lc := w.LogConfig()
		lc.Dir = filepath.Join(w.Dir, name, "log")
		return lc, store.Config{Path: filepath.Join(w.Dir, name, "adamas.db")}
	}
	issue := func(p *certificate.Prepared) {
		t.Helper()
		if _, err := d.Issue(ctx, p, d.validator, ledger.Witnessed); err != nil {
			t.Fatal(err)
		}
	}
	prepare := func() *certificate.Prepared {
		t.Helper()
		p, err := d.Prepare(ctx, draft(), d.preparer, d.validator.ID())
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	lc, sc := node("first")
	l, done := w.OpenWith(ledger.Config{}, lc, sc, certificate.Schema())
	d = deskOn(t, l)
	old = d.rangeOf(t, 1, 1, 100)
	if err := d.TakeRange(ctx, old); err != nil {
		t.Fatal(err)
	}
	issue(prepare())
	issue(prepare())
	third := prepare()
	backup := filepath.Join(w.Dir, "backup")
	if err := l.Store().Snapshot(ctx, backup, nil); err != nil {
		t.Fatal(err)
	}
	issue(third)
	fourth := prepare()
	issue(fourth)
	lost = []string{third.Number(), fourth.Number()}
	done()

	lc, sc = node("second")
	b := recovery.Backup{File: backup, Into: sc, Schemas: schemas, Log: lc, Now: time.Now}
	if _, err := b.Restore(ctx, true); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(ctx, sc)
	if err != nil {
		t.Fatal(err)
	}
	n := recovery.Node{Store: s, Log: lc, Now: time.Now}
	if _, err := n.Recover(ctx, tiles.OpenFolder(filepath.Join(w.Dir, "first", "log")), true); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	l, done = w.OpenWith(ledger.Config{}, lc, sc, certificate.Schema())
	t.Cleanup(done)
	return deskOn(t, l), lost, old
}

// TestAfterRestore: no number of the lost days is ever used again, nor any of a
// range that was allotted before.
func TestAfterRestore(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	d, lost, old := restoredDesk(t, ctx)
	numbers, err := d.TakeFound(ctx)
	if err != nil || !slices.Equal(numbers, lost) {
		t.Fatalf("found %v, want %v: %v", numbers, lost, err)
	}
	if again, err := d.TakeFound(ctx); err != nil || len(again) != 0 {
		t.Errorf("found again: %v %v", again, err)
	}
	sh, err := d.Sheet(ctx, lost[0])
	if err != nil || sh.State != certificate.Spent || sh.Validator != d.validator.ID().String() {
		t.Errorf("the sheet that was allotted: %+v %v", sh, err)
	}
	if _, _, err := d.Bundle(ctx, lost[0]); !fault.Is(err, "certificate.facts_lost") {
		t.Errorf("its bundle: %v", err)
	}
	if _, err := d.Prepare(ctx, draft(), d.preparer, d.validator.ID()); !fault.Is(err, "certificate.no_numbers") {
		t.Errorf("a burnt range was used: %v", err)
	}
	if err := d.TakeRange(ctx, old); !fault.Is(err, "certificate.range_burnt") {
		t.Errorf("a burnt range was taken again: %v", err)
	}
	time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(time.Second))) // statements have whole seconds
	if err := d.TakeRange(ctx, d.rangeOf(t, 2, 2, 6)); err != nil {           // it overlaps the old one
		t.Fatal(err)
	}
	for _, want := range []string{"CF00000005", "CF00000006"} {
		p, err := d.Prepare(ctx, draft(), d.preparer, d.validator.ID())
		if err != nil || p.Number() != want {
			t.Fatalf("allotted %v, want %s: %v", p, want, err)
		}
		if _, err := d.Issue(ctx, p, d.validator, ledger.Witnessed); err != nil {
			t.Fatal(err)
		}
	}
}

// TestHeldDesk: on hold no sheet is allotted, and what waits for its signature
// waits.
func TestHeldDesk(t *testing.T) {
	d := newDesk(t, 10)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	p, err := d.Prepare(ctx, draft(), d.preparer, d.validator.ID())
	if err != nil {
		t.Fatal(err)
	}
	d.office.cut = func() {}
	if _, err := d.Issue(ctx, p, d.validator, ledger.Signed); !fault.Is(err, "ledger.not_signed") {
		t.Fatal(err)
	}
	d.office.cut = nil
	if err := d.ledger.SetHold(ctx, ledger.HoldBehind); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Prepare(ctx, draft(), d.preparer, d.validator.ID()); !fault.Is(err, "ledger.held") {
		t.Errorf("prepared on hold: %v", err)
	}
	if numbers, err := d.Resume(ctx); err != nil || len(numbers) > 0 {
		t.Errorf("signed on hold: %v %v", numbers, err)
	}
	if err := d.ledger.SetHold(ctx, ""); err != nil {
		t.Fatal(err)
	}
	if numbers, err := d.Resume(ctx); err != nil || len(numbers) != 1 {
		t.Errorf("signed afterwards: %v %v", numbers, err)
	}
	if sheets, err := d.Sheets(ctx); err != nil || len(sheets) != 1 {
		t.Errorf("%d sheets: %v", len(sheets), err)
	}
}
