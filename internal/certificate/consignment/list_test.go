package consignment_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/ledger"
	"adamas.example/internal/store"
)

// TestListsGoByIndex: every page of a work list is read from its place on, in the order
// of an index; nothing is sorted and no table gone through.
func TestListsGoByIndex(t *testing.T) {
	at := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	s, err := store.Open(t.Context(), store.Config{Path: filepath.Join(t.TempDir(), "adamas.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Migrate(t.Context(), at, []store.Schema{ledger.Schema(), certificate.Schema()}); err != nil {
		t.Fatal(err)
	}
	place := consignment.Place{At: at, ID: "CF-bangui-2026-000001"}
	for name, q := range map[string]consignment.Query{"first": {}, "next": {After: place}, "newest": {Newest: true, After: place}, "to": {Counterpart: "AE", After: place},
		"free": {Whose: consignment.Free, Login: "kossi", After: place}} {
		q.Most = 51
		sql, args := q.Text(consignment.Applied)
		err := s.Read(t.Context(), at, func(tx *store.Tx) error {
			plan, err := store.Collect(tx, func(scan store.Scan) (line string, err error) {
				var a, b, c int64
				return line, scan(&a, &b, &c, &line)
			}, "EXPLAIN QUERY PLAN "+sql, args...)
			for _, line := range plan {
				if strings.Contains(line, "SCAN") || strings.Contains(line, "TEMP B-TREE") {
					t.Errorf("%s: %s", name, line)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestWhatFollows: the usual next step is one that the machine lets somebody do, and
// every state of the exporting side is on some list.
func TestWhatFollows(t *testing.T) {
	for _, s := range consignment.OfExport() {
		f, ok := consignment.Follows(s)
		if !ok {
			continue
		}
		for _, role := range f.Who {
			if !slices.Contains(consignment.May(s, role), f.Act) {
				t.Errorf("%s waits for %s by %s, who may not", s, f.Act, role)
			}
		}
	}
}
