package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"adamas.example/internal/store"
	"adamas.example/internal/worldtest/pgtest"
)

// TestWatch: what belongs to an act stands with it or not at all, on both engines; a
// rehearsal leaves nothing.
func TestWatch(t *testing.T) {
	for name, open := range map[string]func(t *testing.T) store.Config{
		"SQLite":     func(t *testing.T) store.Config { return store.Config{Path: filepath.Join(t.TempDir(), "adamas.db")} },
		"PostgreSQL": func(t *testing.T) store.Config { return store.Config{DSN: pgtest.Start(t)} },
	} {
		t.Run(name, func(t *testing.T) { testWatch(t, open(t)) })
	}
}

func testWatch(t *testing.T, c store.Config) {
	s, err := store.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	now := time.Unix(1_800_000_000, 0)
	schema := store.Schema{Module: "watch", Files: fstest.MapFS{"schema/0001_watch.sql": {Data: []byte("-- +goose Up\nCREATE TABLE watch_row (name TEXT NOT NULL PRIMARY KEY) TABLE_END;\n")}}}
	if err := s.Migrate(t.Context(), now, []store.Schema{schema}); err != nil {
		t.Fatal(err)
	}
	put := func(tx *store.Tx, name string) error {
		_, err := tx.Exec(`INSERT INTO watch_row (name) VALUES ($1)`, name)
		return err
	}
	count := func() (n int64) {
		if err := s.Read(t.Context(), now, func(tx *store.Tx) error { return tx.QueryRow(`SELECT COUNT(*) FROM watch_row`).Scan(&n) }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	do := func(ctx context.Context, name string, about ...string) error {
		return s.Write(ctx, now, func(tx *store.Tx) error {
			for _, a := range about {
				tx.Act(a)
			}
			return put(tx, name)
		})
	}
	var told []string
	w := &store.Watch{Within: func(tx *store.Tx, about string) error { told = append(told, about); return put(tx, "with "+about) }}
	ctx := store.Watching(t.Context(), w)
	if err := do(ctx, "before"); err != nil || w.Done() {
		t.Fatal(err, w.Done())
	}
	if err := do(ctx, "act", "first", "second"); err != nil || !w.Done() {
		t.Fatal(err, w.Done())
	}
	if err := do(ctx, "after", "third"); err != nil || len(told) != 1 || told[0] != "first" || count() != 4 {
		t.Fatalf("%v, %v, %d rows", err, told, count())
	}
	// Its error undoes the act.
	refused := errors.New("refused")
	w = &store.Watch{Within: func(*store.Tx, string) error { return refused }}
	if err := do(store.Watching(t.Context(), w), "undone", "x"); !errors.Is(err, refused) || w.Done() || count() != 4 {
		t.Errorf("%v, %d rows", err, count())
	}
	// The act's own error leaves Within alone.
	w = &store.Watch{Within: func(*store.Tx, string) error { t.Error("told of what was not done"); return nil }}
	if err := s.Write(store.Watching(t.Context(), w), now, func(tx *store.Tx) error { tx.Act("x"); return refused }); !errors.Is(err, refused) || w.Done() {
		t.Error(err)
	}
	// A rehearsal.
	seen := int64(0)
	w = &store.Watch{Rehearse: true, Within: func(tx *store.Tx, _ string) error { return tx.QueryRow(`SELECT COUNT(*) FROM watch_row`).Scan(&seen) }}
	for _, about := range [][]string{{"x"}, nil} {
		if err := do(store.Watching(t.Context(), w), "tried", about...); !errors.Is(err, store.ErrRehearsed) || w.Done() || count() != 4 || seen != 5 {
			t.Errorf("%v, %d rows, %d seen", err, count(), seen)
		}
	}
}
