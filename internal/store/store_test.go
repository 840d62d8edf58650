package store_test

import (
	"path/filepath"
	"testing"

	"adamas.example/internal/store"
	"adamas.example/internal/store/storetest"
	"adamas.example/internal/worldtest/pgtest"
)

func open(t testing.TB, c store.Config) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func sqliteConfig(t testing.TB) store.Config {
	return store.Config{Path: filepath.Join(t.TempDir(), "adamas.db")}
}

func postgresConfig(t testing.TB) store.Config {
	return store.Config{DSN: pgtest.Start(t)}
}

func TestSQLite(t *testing.T) {
	storetest.Run(t, func(t *testing.T) *store.Store { return open(t, sqliteConfig(t)) })
}

func TestPostgreSQL(t *testing.T) {
	storetest.Run(t, func(t *testing.T) *store.Store { return open(t, postgresConfig(t)) })
}
