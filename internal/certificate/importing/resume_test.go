package importing_test

import (
	"path/filepath"
	"testing"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/certificate/outside"
	"adamas.example/internal/ledger"
	"adamas.example/internal/store"
	"adamas.example/internal/worldtest/pgtest"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// TestResume: a crash between the signature of a transcript and its file leaves a file
// without a statement; the next start enters it, and nothing else. The same after a
// correction: never the transcript before.
func TestResume(t *testing.T) {
	w := withPapers(t)
	got := w.transcribe(paper(), 1)
	id := got.Consignment.ID
	forget := func() {
		t.Helper()
		if err := w.ledger.Store().Write(t.Context(), now, func(tx *store.Tx) error {
			_, err := tx.Exec(`UPDATE certificate_consignment SET statement = NULL WHERE id = $1`, id)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	silent := paper()
	silent.Number = "SL 4911 A" // no statement bears it: nothing is ever entered
	other := w.transcribe(silent, 2)
	resumed := func(want canonical.Hash) {
		t.Helper()
		forget()
		if err := importing.New(w.cfg).Resume(t.Context()); err != nil {
			t.Fatal(err)
		}
		if c, _, err := w.Get(t.Context(), id); err != nil || c.Statement != want {
			t.Errorf("%v, %v; want %v", c.Statement, err, want)
		}
		if c, _, err := w.Get(t.Context(), other.Consignment.ID); err != nil || !c.Statement.IsZero() {
			t.Errorf("%v %v", c.Statement, err)
		}
	}
	resumed(got.Entry.Hash)
	again, err := w.correct(id, paper(), 1)
	if err != nil {
		t.Fatal(err)
	}
	resumed(again.Entry.Hash)
	if _, err := w.Examine(t.Context(), id, officer, found, "SYNTHETIC: asked"); err != nil {
		t.Fatal(err)
	}
	_, e, err := w.Confirm(t.Context(), id, officer, "", ledger.Logged)
	if err != nil {
		t.Fatal(err)
	}
	if r := w.body(e).(*statement.Receipt); r.Certificate != again.Entry.Hash {
		t.Errorf("confirmed over %v", r.Certificate)
	}
}

// TestScansAreKept: on both engines a picture comes back as it came, byte for byte, under
// its digest, once, for the consignment it belongs to, and clean where it is shown.
func TestScansAreKept(t *testing.T) {
	for name, sc := range map[string]func() store.Config{
		"SQLite":     func() store.Config { return store.Config{Path: filepath.Join(t.TempDir(), "adamas.db")} },
		"PostgreSQL": func() store.Config { return store.Config{DSN: pgtest.Start(t)} },
	} {
		t.Run(name, func(t *testing.T) {
			s, err := store.Open(t.Context(), sc())
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if err := s.Migrate(t.Context(), now, []store.Schema{ledger.Schema(), certificate.Schema()}); err != nil {
				t.Fatal(err)
			}
			file := append(picture(t, 3), 0, 0xff, 0) // what follows the picture is no part of what is shown
			err = s.Write(t.Context(), now, func(tx *store.Tx) error {
				c, err := consignment.Begin(tx, consignment.Opening{ID: "AE-dubai-2026-000001", Counterpart: "SL", Kind: statement.KindExport}, consignment.Arrive,
					consignment.By{Actor: "officer", Role: "import_officer"}, nil, consignment.Change{Number: "SL004911"})
				if err != nil {
					return err
				}
				for range 2 {
					if h, err := outside.Keep(tx, c.ID, outside.Certificate, "officer", file); err != nil || h != canonical.Sum(file) {
						t.Errorf("%v %v", h, err)
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			err = s.Read(t.Context(), now, func(tx *store.Tx) error {
				all, err := outside.Scans(tx, "AE-dubai-2026-000001", outside.Certificate)
				if err != nil || len(all) != 1 || all[0].Size != int64(len(file)) || all[0].TakenBy != "officer" || !all[0].TakenAt.Equal(now) {
					t.Errorf("%+v %v", all, err)
				}
				raw, media, err := outside.Original(tx, canonical.Sum(file))
				if err != nil || media != "image/png" || string(raw) != string(file) {
					t.Errorf("as it came: %d bytes, %s, %v", len(raw), media, err)
				}
				clean, _, err := outside.Shown(tx, canonical.Sum(file))
				if err != nil || string(clean) != string(picture(t, 3)) || canonical.Sum(clean) != all[0].Clean {
					t.Errorf("as shown: %d bytes, %v", len(clean), err)
				}
				for of, want := range map[string]bool{"AE-dubai-2026-000001": true, "AE-dubai-2026-000002": false} {
					if has, err := outside.Belongs(tx, of, canonical.Sum(file)); err != nil || has != want {
						t.Errorf("%s: %v %v", of, has, err)
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}
