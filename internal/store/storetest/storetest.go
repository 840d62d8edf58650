// Package storetest is what package store promises, written as tests that every
// engine must pass.
//
//	func TestSQLite(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) *store.Store { ... })
//	}
//
// It is also the proof of the portable subset that package store describes: a
// form of SQL that modules want to use gets a test here first.
//
// Imports: package store, package fault, go-cmp, rapid. Only tests import it.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"adamas.example/internal/store"
)

// Open gives an empty database, closed at the end of the test by whoever made
// it.
type Open func(t *testing.T) *store.Store

// Run runs the suite, with a fresh database for each test.
func Run(t *testing.T, open Open) {
	groups := []struct {
		name  string
		tests []test
	}{
		{"SQL", sqlTests}, {"Constraints", constraintTests}, {"Transactions", transactionTests},
		{"Concurrency", concurrencyTests}, {"Snapshot", snapshotTests},
	}
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) {
			for _, tt := range g.tests {
				t.Run(tt.name, func(t *testing.T) {
					s := open(t)
					if err := s.Migrate(t.Context(), Now, []store.Schema{Probe}); err != nil {
						t.Fatal(err)
					}
					tt.run(t, s)
				})
			}
		})
	}
	t.Run("Migrations", func(t *testing.T) {
		for _, tt := range migrationTests {
			t.Run(tt.name, func(t *testing.T) { tt.run(t, open(t)) })
		}
	})
}

type test struct {
	name string
	run  func(t *testing.T, s *store.Store)
}

// Now is the time of all transactions here that do not care.
var Now = time.Date(2026, 11, 23, 14, 2, 5, 123456000, time.UTC)

// Probe is the schema the suite works on.
var Probe = store.Schema{Module: "probe", Files: fstest.MapFS{
	"schema/0001_tables.sql": {Data: []byte(`
-- A plain table with every type, and one that refers to it.
CREATE TABLE probe_item (
	id   TEXT PRIMARY KEY,
	name TEXT NOT NULL,
	n    INT8 NOT NULL,
	note TEXT,
	body BYTES,
	CONSTRAINT probe_item_n_known CHECK (n <> 13 AND note <> 'TEXT INT8 -- TABLE_END')
) TABLE_END;
CREATE UNIQUE INDEX probe_item_name ON probe_item (name, n);
CREATE UNIQUE INDEX probe_item_one_boss ON probe_item (note) WHERE note = 'boss';
CREATE TABLE probe_part (
	id   INT8 PRIMARY KEY,
	item TEXT NOT NULL REFERENCES probe_item (id)
) TABLE_END;

-- The chain of legs by which custody conserves carats: each leg goes on where
-- the previous one stopped, and an operation needs a last leg at zero.
CREATE TABLE probe_leg (
	operation TEXT NOT NULL,
	leg       INT8 NOT NULL,
	previous  INT8,
	before    INT8 NOT NULL,
	delta     INT8 NOT NULL,
	after     INT8 NOT NULL,
	PRIMARY KEY (operation, leg),
	UNIQUE (operation, leg, after),
	CONSTRAINT probe_leg_adds_up CHECK (after = before + delta),
	CONSTRAINT probe_leg_begins_at_zero CHECK (previous IS NOT NULL OR before = 0),
	FOREIGN KEY (operation, previous, before) REFERENCES probe_leg (operation, leg, after)
) TABLE_END;
CREATE TABLE probe_operation (
	id   TEXT PRIMARY KEY,
	last INT8 NOT NULL,
	zero INT8 NOT NULL,
	CONSTRAINT probe_operation_zero CHECK (zero = 0),
	FOREIGN KEY (id, last, zero) REFERENCES probe_leg (operation, leg, after) DEFERRABLE INITIALLY DEFERRED
) TABLE_END;
`)},
}}

// write and read fail the test where the work should have gone through.
func write(t *testing.T, s *store.Store, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := s.Write(t.Context(), Now, fn); err != nil {
		t.Fatalf("write: %v", err)
	}
}

func read(t *testing.T, s *store.Store, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := s.Read(t.Context(), Now, fn); err != nil {
		t.Fatalf("read: %v", err)
	}
}

// put inserts an item; the name is its id.
func put(tx *store.Tx, id string, n int64) error {
	_, err := tx.Exec(`INSERT INTO probe_item (id, name, n) VALUES ($1, $1, $2)`, id, n)
	return err
}

// ids lists the items with a prefix, in byte order.
func ids(t *testing.T, s *store.Store, prefix string) []string {
	t.Helper()
	var list []string
	read(t, s, func(tx *store.Tx) (err error) {
		list, err = store.Collect(tx, text, `SELECT id FROM probe_item WHERE substr(id, 1, length($1)) = $1 ORDER BY id`, prefix)
		return err
	})
	return list
}

func text(scan store.Scan) (v string, err error) {
	err = scan(&v)
	return v, err
}

func number(scan store.Scan) (v int64, err error) {
	err = scan(&v)
	return v, err
}

// one runs a query of one number.
func one(tx *store.Tx, query string, args ...any) (n int64, err error) {
	err = tx.QueryRow(query, args...).Scan(&n)
	return n, err
}

// errRefused is what a test's own function gives.
var errRefused = errors.New("refused by the test")

// within waits for done, since a hang is the failure to expect of a queue.
func within(t *testing.T, what string, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		t.Fatalf("%s: still waiting after 30 s", what)
	}
}

// started gives a context that fn can end while it runs.
func started(t *testing.T) (context.Context, context.CancelCauseFunc) {
	ctx, cancel := context.WithCancelCause(t.Context())
	t.Cleanup(func() { cancel(nil) })
	return ctx, cancel
}

func numbered(prefix string, n int) string { return fmt.Sprintf("%s%05d", prefix, n) }

func trimmed(s string) string { return strings.Join(strings.Fields(s), " ") }
