package consignment_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/fault"
	"adamas.example/internal/store"
	"adamas.example/internal/worldtest/pgtest"
	"adamas.example/verify/statement"
)

var start = time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)

// onBoth runs a test on a fresh store of each engine.
func onBoth(t *testing.T, test func(t *testing.T, s *store.Store)) {
	for name, config := range map[string]func(*testing.T) store.Config{
		"SQLite":     func(t *testing.T) store.Config { return store.Config{Path: t.TempDir() + "/a.db"} },
		"PostgreSQL": func(t *testing.T) store.Config { return store.Config{DSN: pgtest.Start(t)} },
	} {
		t.Run(name, func(t *testing.T) {
			s, err := store.Open(t.Context(), config(t))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Close() })
			if err := s.Migrate(t.Context(), start, []store.Schema{certificate.Schema()}); err != nil {
				t.Fatal(err)
			}
			test(t, s)
		})
	}
}

func begin(t *testing.T, s *store.Store, id string) (c *consignment.Consignment) {
	t.Helper()
	err := s.Write(t.Context(), start, func(tx *store.Tx) (err error) {
		c, err = consignment.Begin(tx, consignment.Opening{ID: id, Counterpart: "AE", Kind: statement.KindExport}, consignment.Apply,
			consignment.By{Actor: "exporter-1", Role: access.Exporter}, map[string]any{"carats": "12.40"}, consignment.Change{})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestWalks: whatever is tried, in whatever role, the state is what the table
// says, the file tells all of it, and what was refused has left nothing.
func TestWalks(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		random := rand.New(rand.NewPCG(1, 2))
		for n := range 25 {
			id := fmt.Sprintf("CF-bangui-2026-%06d", n+1)
			c := begin(t, s, id)
			want := []consignment.Act{consignment.Apply}
			for range 40 {
				act := consignment.Acts()[random.IntN(len(consignment.Acts()))]
				role := consignment.Roles()[random.IntN(len(consignment.Roles()))]
				before := *c
				err := s.Write(t.Context(), start.Add(time.Duration(len(want))*time.Minute), func(tx *store.Tx) error {
					return consignment.Move(tx, c, act, consignment.By{Actor: "x", Role: role}, nil, consignment.Change{})
				})
				may := slices.Contains(consignment.May(before.State, role), act)
				if may != (err == nil) {
					t.Fatalf("%s %s by %s: may %v, %v", before.State, act, role, may, err)
				}
				if err == nil {
					want = append(want, act)
				} else if _, told := fault.Of(err); !told || *c != before {
					t.Fatalf("%s %s by %s: %v, %+v", before.State, act, role, err, c)
				}
			}
			err := s.Read(t.Context(), start, func(tx *store.Tx) error {
				got, err := consignment.Get(tx, id)
				if err != nil {
					return err
				}
				if *got != *c {
					t.Errorf("stored %+v, held %+v", got, c)
				}
				steps, err := consignment.File(tx, got)
				if err != nil {
					return err
				}
				var acts []consignment.Act
				for _, st := range steps {
					acts = append(acts, st.Act)
				}
				if !slices.Equal(acts, want) {
					t.Errorf("file %v, done %v", acts, want)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestOneWins: eight read the same consignment and act; one wins, the others
// are told who did what and when.
func TestOneWins(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		c := begin(t, s, "CF-bangui-2026-000001")
		var won atomic.Int32
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				mine := *c
				err := s.Write(context.WithoutCancel(t.Context()), start.Add(time.Minute), func(tx *store.Tx) error {
					mine = *c
					return consignment.Move(tx, &mine, consignment.Value, consignment.By{Actor: fmt.Sprint("valuator-", i), Role: access.Valuator}, nil, consignment.Change{})
				})
				switch f, _ := fault.Of(err); {
				case err == nil:
					won.Add(1)
				case f == nil || f.Key != "certificate.consignment_moved" || f.Args["act"] != consignment.Value || f.Args["at"] != start.Add(time.Minute):
					t.Errorf("%v", err)
				}
			})
		}
		all.Wait()
		if won.Load() != 1 {
			t.Errorf("%d won", won.Load())
		}
	})
}

// TestSeen: who acts on what he saw before another's act is told of it.
func TestSeen(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		c := begin(t, s, "CF-bangui-2026-000001")
		value := func(seen int64) error {
			return s.Write(t.Context(), start.Add(time.Minute), func(tx *store.Tx) error {
				mine, err := consignment.Get(tx, c.ID)
				if err != nil {
					return err
				}
				return consignment.Move(tx, mine, consignment.Value, consignment.By{Actor: "v", Role: access.Valuator, Seen: seen}, nil, consignment.Change{})
			})
		}
		if err := value(1); err != nil {
			t.Fatal(err)
		}
		if err := value(1); !fault.Is(err, "certificate.consignment_moved") {
			t.Error(err)
		}
		if err := value(2); err != nil {
			t.Error(err)
		}
	})
}

// TestAChangedFileIsNoticed: any cell of a step that is changed, a step that is
// removed, a state that is set by hand.
func TestAChangedFileIsNoticed(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		for i, change := range []string{
			`UPDATE certificate_step SET act = 'tax' WHERE seq = 1 AND consignment = $1`,
			`UPDATE certificate_step SET role = 'clock' WHERE seq = 1 AND consignment = $1`,
			`UPDATE certificate_step SET actor = 'somebody' WHERE seq = 2 AND consignment = $1`,
			`UPDATE certificate_step SET at = '2026-11-28T09:00:01.000000Z' WHERE seq = 1 AND consignment = $1`,
			`UPDATE certificate_step SET from_state = 'sealed' WHERE seq = 2 AND consignment = $1`,
			`UPDATE certificate_step SET to_state = 'sealed' WHERE seq = 2 AND consignment = $1`,
			`UPDATE certificate_step SET detail = prev WHERE seq = 2 AND consignment = $1`,
			`UPDATE certificate_step SET prev = hash WHERE seq = 2 AND consignment = $1`,
			`UPDATE certificate_step SET hash = detail WHERE seq = 2 AND consignment = $1`,
			`DELETE FROM certificate_step WHERE seq = 1 AND consignment = $1`,
			`DELETE FROM certificate_step WHERE seq = 2 AND consignment = $1`,
			`UPDATE certificate_consignment SET state = 'issued' WHERE id = $1`,
			`UPDATE certificate_consignment SET steps = 1 WHERE id = $1`,
		} {
			id := fmt.Sprintf("CF-bangui-2026-%06d", i+1)
			c := begin(t, s, id)
			err := s.Write(t.Context(), start.Add(time.Minute), func(tx *store.Tx) error {
				return consignment.Move(tx, c, consignment.Value, consignment.By{Actor: "valuator-1", Role: access.Valuator}, nil, consignment.Change{})
			})
			if err != nil {
				t.Fatal(err)
			}
			read := func(tx *store.Tx) error {
				got, err := consignment.Get(tx, id)
				if err == nil {
					_, err = consignment.File(tx, got)
				}
				return err
			}
			if err := s.Read(t.Context(), start, read); err != nil {
				t.Fatal("before:", err)
			}
			err = s.Write(t.Context(), start, func(tx *store.Tx) error {
				n, err := tx.Exec(change, id)
				if err == nil && n != 1 {
					err = fmt.Errorf("%d rows", n)
				}
				return err
			})
			if err != nil {
				t.Fatalf("%s: %v", change, err)
			}
			if err := s.Read(t.Context(), start, read); !fault.Is(err, "certificate.file_broken") {
				t.Errorf("%s: %v", change, err)
			}
		}
	})
}
