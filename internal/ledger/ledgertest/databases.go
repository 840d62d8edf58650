package ledgertest

import (
	"path/filepath"
	"testing"
	"time"

	"adamas.example/internal/ledger"
	"adamas.example/internal/store"
	"adamas.example/internal/worldtest/pgtest"
)

// Databases runs a test on a store with the ledger's tables, one on each engine.
func Databases(t *testing.T, test func(t *testing.T, s *store.Store)) {
	for name, config := range map[string]func() store.Config{
		"SQLite":     func() store.Config { return store.Config{Path: filepath.Join(t.TempDir(), "adamas.db")} },
		"PostgreSQL": func() store.Config { return store.Config{DSN: pgtest.Start(t)} },
	} {
		t.Run(name, func(t *testing.T) {
			s, err := store.Open(t.Context(), config())
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if err := s.Migrate(t.Context(), time.Now(), []store.Schema{ledger.Schema()}); err != nil {
				t.Fatal(err)
			}
			test(t, s)
		})
	}
}
