package trail_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"adamas.example/internal/ident"
	"adamas.example/internal/party/people/trail"
	"adamas.example/internal/party/stated"
	"adamas.example/internal/store"
	"adamas.example/internal/worldtest/pgtest"
)

func engines(t *testing.T, test func(t *testing.T, s *store.Store)) {
	for name, config := range map[string]func(t *testing.T) store.Config{
		"SQLite":     func(t *testing.T) store.Config { return store.Config{Path: filepath.Join(t.TempDir(), "adamas.db")} },
		"PostgreSQL": func(t *testing.T) store.Config { return store.Config{DSN: pgtest.Start(t)} },
	} {
		t.Run(name, func(t *testing.T) {
			s, err := store.Open(t.Context(), config(t))
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if err := s.Migrate(t.Context(), at, []store.Schema{stated.Schema()}); err != nil {
				t.Fatal(err)
			}
			test(t, s)
		})
	}
}

var at = time.Date(2026, 11, 29, 6, 0, 0, 0, time.UTC)

func write(t *testing.T, s *store.Store, fn func(*store.Tx) error) {
	t.Helper()
	if err := s.Write(t.Context(), at, fn); err != nil {
		t.Fatal(err)
	}
}

func check(t *testing.T, s *store.Store) (broken int64, h trail.Head) {
	t.Helper()
	err := s.Read(t.Context(), at, func(tx *store.Tx) (err error) {
		broken, h, err = trail.Check(tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return broken, h
}

// TestARewriteShows: whatever is done to one row, Check names the first that is
// wrong; who does it to the head is found too.
func TestARewriteShows(t *testing.T) {
	cases := map[string]struct {
		by   string
		want int64
	}{
		"nothing":               {`UPDATE party_trail SET who = who`, 0},
		"who":                   {`UPDATE party_trail SET who = 'x' WHERE n = 3`, 3},
		"about":                 {`UPDATE party_trail SET about = 'x' WHERE n = 1`, 1},
		"act":                   {`UPDATE party_trail SET act = 'accepted' WHERE n = 5`, 5},
		"a time":                {`UPDATE party_trail SET at = '2026-11-29T06:00:01.000000Z' WHERE n = 4`, 4},
		"an address":            {`UPDATE party_trail SET address = '' WHERE n = 2`, 2},
		"args":                  {`UPDATE party_trail SET args = '{}' WHERE n = 2`, 2},
		"words moved":           {`UPDATE party_trail SET who = 'wh', act = 'osigned_in' WHERE n = 2`, 2},
		"a hash":                {`UPDATE party_trail SET hash = 'x' WHERE n = 3`, 3},
		"a row taken out":       {`DELETE FROM party_trail WHERE n = 3`, 3},
		"the first taken out":   {`DELETE FROM party_trail WHERE n = 1`, 1},
		"the last taken out":    {`DELETE FROM party_trail WHERE n = 5`, 5},
		"all taken out":         {`DELETE FROM party_trail`, 1},
		"the head set back":     {`UPDATE party_trail_head SET n = 3`, 3},
		"the head of otherwise": {`UPDATE party_trail_head SET hash = 'x'`, 5},
		"the head taken out":    {`DELETE FROM party_trail_head`, 1},
	}
	undo := errors.New("undone")
	engines(t, func(t *testing.T, s *store.Store) {
		for range 5 {
			write(t, s, func(tx *store.Tx) error {
				return trail.Append(tx, trail.Record{Who: "who", Act: trail.SignedIn, About: "about", Args: map[string]string{"way": "passkey"}, Address: "192.0.2.1"})
			})
		}
		if broken, h := check(t, s); broken != 0 || h.N != 5 || len(h.Hash) != 64 {
			t.Fatal(broken, h)
		}
		for name, tt := range cases {
			err := s.Write(t.Context(), at, func(tx *store.Tx) error {
				if _, err := tx.Exec(tt.by); err != nil {
					return err
				}
				broken, _, err := trail.Check(tx)
				if err != nil || broken != tt.want {
					t.Errorf("%s: broken at %d, want %d (%v)", name, broken, tt.want, err)
				}
				return undo
			})
			if !errors.Is(err, undo) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestListsAndHeads(t *testing.T) {
	engines(t, func(t *testing.T, s *store.Store) {
		if broken, h := check(t, s); broken != 0 || h != (trail.Head{}) {
			t.Error(broken, h)
		}
		for i := range 10 {
			who := []string{"a", "b"}[i%2]
			write(t, s, func(tx *store.Tx) error {
				return trail.Append(tx, trail.Record{Who: "w", Act: trail.Changed, About: ident.RecordID(who)})
			})
		}
		var got []int64
		for before := int64(0); ; {
			var rows []trail.Record
			err := s.Read(t.Context(), at, func(tx *store.Tx) (err error) {
				rows, err = trail.List(tx, trail.Wanted{Before: before, About: "b", Limit: 2})
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if len(rows) == 0 {
				break
			}
			for _, r := range rows {
				if r.About != "b" || !r.At.Equal(at) || r.Act != trail.Changed {
					t.Errorf("%+v", r)
				}
				got = append(got, r.N)
				before = r.N
			}
		}
		if len(got) != 5 || got[0] != 10 || got[4] != 2 {
			t.Error(got)
		}
	})
}
