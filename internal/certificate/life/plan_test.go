package life_test

import (
	"path/filepath"
	"strings"
	"testing"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/life"
	"adamas.example/internal/ledger"
	"adamas.example/internal/store"
)

// TestChildrenAreFoundByStatement: SQLite, which knows nothing of how many rows a
// Participant has, does not go through all of them for each child: with a hundred
// thousand certificates a page took fifty milliseconds for ten children.
func TestChildrenAreFoundByStatement(t *testing.T) {
	s, err := store.Open(t.Context(), store.Config{Path: filepath.Join(t.TempDir(), "adamas.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Migrate(t.Context(), at, []store.Schema{ledger.Schema(), certificate.Schema()}); err != nil {
		t.Fatal(err)
	}
	var plan []string
	if err := s.Read(t.Context(), at, func(tx *store.Tx) error {
		plan, err = store.Collect(tx, func(scan store.Scan) (line string, err error) {
			var a, b, c int64
			err = scan(&a, &b, &c, &line)
			return line, err
		}, "EXPLAIN QUERY PLAN "+life.ChildrenQuery, []byte("a parent"), 10)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	found := false
	for _, line := range plan {
		found = found || strings.Contains(line, "SEARCH c USING INDEX sqlite_autoindex_certificate_life_1 (statement=?)")
		if strings.Contains(line, "SCAN") || strings.Contains(line, "(participant=?)") {
			t.Errorf("it goes through more than it needs: %s", line)
		}
	}
	if !found {
		t.Errorf("by the statement: %q", plan)
	}
}
