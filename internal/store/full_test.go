//go:build linux

package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"adamas.example/internal/fault"
	"adamas.example/internal/store"
)

// smallDisk is a disk of its own, which is soon full; tests that may not mount one are
// skipped.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("none", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("no disk can be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// TestFullDisk: on a full disk a write is refused in words, what was written before is
// there, reading goes on, and with space it goes on as if nothing had been.
func TestFullDisk(t *testing.T) {
	dir := smallDisk(t, "6m")
	s, err := store.Open(t.Context(), store.Config{Path: filepath.Join(dir, "node", "adamas.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	put := func(n int) error {
		return s.Write(context.Background(), time.Now(), func(tx *store.Tx) error {
			if _, err := tx.Exec(`CREATE TABLE IF NOT EXISTS full_row (n INTEGER PRIMARY KEY, b BLOB NOT NULL)`); err != nil {
				return err
			}
			_, err := tx.Exec(`INSERT INTO full_row (n, b) VALUES ($1, $2)`, n, make([]byte, 4000))
			return err
		})
	}
	count := func() (n int) {
		err := s.Read(t.Context(), time.Now(), func(tx *store.Tx) error { return tx.QueryRow(`SELECT COUNT(*) FROM full_row`).Scan(&n) })
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for n := range 10 {
		if err := put(n); err != nil {
			t.Fatal(err)
		}
	}
	filler := filepath.Join(dir, "filler")
	f, err := os.Create(filler)
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	if err := errors.Join(f.Close()); err != nil {
		t.Fatal(err)
	}
	done, refused := 10, error(nil)
	for n := 10; n < 3000 && refused == nil; n++ { // what SQLite has taken from the disk already is used first
		if refused = put(n); refused == nil {
			done++
		}
	}
	if !fault.Is(refused, "store.disk_full") {
		t.Fatalf("%v", refused)
	}
	if n := count(); n != done {
		t.Errorf("%d rows, want %d", n, done)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	if err := put(5000); err != nil {
		t.Fatalf("with space again: %v", err)
	}
	if n := count(); n != done+1 {
		t.Errorf("%d rows, want %d", n, done+1)
	}
}
