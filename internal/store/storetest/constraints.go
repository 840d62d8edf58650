package storetest

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"adamas.example/internal/store"
)

var constraintTests = []test{
	{"AreToldApart", constraintsToldApart},
	{"OnlyTheNamedOne", onlyTheNamedOne},
	{"ChainOfLegs", chainOfLegs},
	{"DeferredUntilTheEnd", deferredUntilTheEnd},
	{"DeferredIsCheckedInASharedCommit", deferredShared},
}

// refusals are statements that a constraint refuses, and how the error tells.
var refusals = []struct {
	name, statement string
	is              func(error) bool
}{
	{"primary key", `INSERT INTO probe_item (id, name, n) VALUES ('a', 'b', 2)`,
		func(err error) bool { return store.IsUnique(err, "probe_item", "id") }},
	{"primary key of numbers", `INSERT INTO probe_part (id, item) VALUES (1, 'a')`,
		func(err error) bool { return store.IsUnique(err, "probe_part", "id") }},
	{"unique over two", `INSERT INTO probe_item (id, name, n) VALUES ('b', 'a', 1)`,
		func(err error) bool { return store.IsUnique(err, "probe_item", "n", "name") }},
	{"partial index", `INSERT INTO probe_item (id, name, n, note) VALUES ('b', 'b', 1, 'boss')`,
		func(err error) bool { return store.IsUnique(err, "probe_item", "note") }},
	{"none at all", `UPDATE probe_part SET id = 1 WHERE id = 1 OR id = 2`, nil},
	{"check", `INSERT INTO probe_item (id, name, n) VALUES ('b', 'b', 13)`,
		func(err error) bool { return store.IsCheck(err, "probe_item_n_known") }},
	{"not null", `INSERT INTO probe_item (id, name) VALUES ('b', 'b')`, isNotNull("probe_item", "n")},
	{"reference to nothing", `INSERT INTO probe_part (id, item) VALUES (2, 'none')`, store.IsForeignKey},
	{"removal of what is referred to", `DELETE FROM probe_item WHERE id = 'a'`, store.IsForeignKey},
	{"change of what is referred to", `UPDATE probe_item SET id = 'z' WHERE id = 'a'`, store.IsForeignKey},
}

func constraintsToldApart(t *testing.T, s *store.Store) {
	write(t, s, func(tx *store.Tx) error {
		if _, err := tx.Exec(`INSERT INTO probe_item (id, name, n, note) VALUES ('a', 'a', 1, 'boss')`); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO probe_part (id, item) VALUES (1, 'a')`)
		return err
	})
	for _, tt := range refusals {
		for way, run := range waysIn {
			t.Run(tt.name+" by "+way, func(t *testing.T) {
				err := s.Write(t.Context(), Now, func(tx *store.Tx) error {
					return errors.Join(run(tx, tt.statement), errRefused) // leave nothing for the next
				})
				if tt.is == nil && err.Error() != errRefused.Error() || tt.is != nil && !tt.is(err) {
					t.Errorf("%s: told %v", tt.statement, err)
				}
			})
		}
	}
}

// waysIn are the ways to run a statement; the error may come at any step.
var waysIn = map[string]func(tx *store.Tx, statement string) error{
	"Exec": func(tx *store.Tx, statement string) error {
		_, err := tx.Exec(statement)
		return err
	},
	"Query": func(tx *store.Tx, statement string) error {
		rows, err := tx.Query(statement + ` RETURNING id`)
		if err != nil {
			return err
		}
		for rows.Next() {
		}
		return rows.Err()
	},
	"QueryRow": func(tx *store.Tx, statement string) error {
		var id any
		return tx.QueryRow(statement + ` RETURNING id`).Scan(&id)
	},
}

func isNotNull(table, column string) func(error) bool {
	return func(err error) bool {
		e, ok := errors.AsType[*store.ConstraintError](err)
		return ok && e.Rule == store.NotNull && e.Table == table && cmp.Equal(e.Columns, []string{column})
	}
}

func onlyTheNamedOne(t *testing.T, s *store.Store) {
	err := s.Write(t.Context(), Now, func(tx *store.Tx) error {
		return errors.Join(put(tx, "a", 1), put(tx, "a", 2))
	})
	for name, wrong := range map[string]bool{
		"another table":    store.IsUnique(err, "probe_part", "id"),
		"another column":   store.IsUnique(err, "probe_item", "name"),
		"one column more":  store.IsUnique(err, "probe_item", "id", "name"),
		"another rule":     store.IsForeignKey(err) || store.IsCheck(err, "probe_item_n_known"),
		"no error at all":  store.IsUnique(nil, "probe_item", "id"),
		"an ordinary one":  store.IsUnique(errRefused, "probe_item", "id"),
		"any of the table": !store.IsUnique(err, "probe_item"),
	} {
		if wrong {
			t.Errorf("%s: mistaken for it: %v", name, err)
		}
	}
}

// operate books an operation as a chain of legs.
func operate(tx *store.Tx, id string, deltas ...int64) error {
	if _, err := tx.Exec(`INSERT INTO probe_operation (id, last, zero) VALUES ($1, $2, 0)`, id, len(deltas)); err != nil {
		return err
	}
	before := int64(0)
	for i, delta := range deltas {
		previous := any(i)
		if i == 0 {
			previous = nil
		}
		_, err := tx.Exec(`INSERT INTO probe_leg (operation, leg, previous, before, delta, after) VALUES ($1, $2, $3, $4, $5, $6)`,
			id, i+1, previous, before, delta, before+delta)
		if err != nil {
			return err
		}
		before += delta
	}
	return nil
}

func chainOfLegs(t *testing.T, s *store.Store) {
	write(t, s, func(tx *store.Tx) error { return operate(tx, "merge", -200, -31, 231) })
	broken := map[string]func(tx *store.Tx) error{
		"a leg that does not add up": func(tx *store.Tx) error {
			_, err := tx.Exec(`INSERT INTO probe_leg (operation, leg, previous, before, delta, after) VALUES ('x', 1, NULL, 0, -5, -4)`)
			return err
		},
		"a leg that begins elsewhere": func(tx *store.Tx) error {
			_, err := tx.Exec(`INSERT INTO probe_leg (operation, leg, previous, before, delta, after) VALUES ('merge', 9, 3, 7, -7, 0)`)
			return err
		},
		"an operation that loses weight": func(tx *store.Tx) error { return operate(tx, "loss", -5, 4) },
		"an operation with no legs":      func(tx *store.Tx) error { return operate(tx, "none") },
	}
	for name, fn := range broken {
		var rule *store.ConstraintError
		if err := s.Write(t.Context(), Now, fn); !errors.As(err, &rule) {
			t.Errorf("%s: %v", name, err)
		}
	}
	read(t, s, func(tx *store.Tx) error {
		n, err := one(tx, `SELECT (SELECT count(*) FROM probe_operation) * 100 + (SELECT count(*) FROM probe_leg)`)
		if n != 103 {
			t.Errorf("one operation with three legs should be there, found %d", n)
		}
		return err
	})
}

func deferredUntilTheEnd(t *testing.T, s *store.Store) {
	err := s.Write(t.Context(), Now, func(tx *store.Tx) error {
		if err := put(tx, "with the broken one", 1); err != nil {
			return err
		}
		return operate(tx, "broken", -1)
	})
	if !store.IsForeignKey(err) {
		t.Errorf("an open reference at the end: %v", err)
	}
	if got := ids(t, s, ""); len(got) != 0 {
		t.Errorf("left behind: %v", got)
	}
	write(t, s, func(tx *store.Tx) error {
		err := tx.Savepoint(func() error {
			if err := operate(tx, "given up", -1); err != nil {
				return err
			}
			return errRefused
		})
		if !errors.Is(err, errRefused) {
			t.Errorf("savepoint: %v", err)
		}
		return put(tx, "after", 1)
	})
}

// deferredShared puts good and bad work into one commit where the engine shares
// them: the bad must be told so, and the good must stand.
func deferredShared(t *testing.T, s *store.Store) {
	const writers = 24
	results := together(t, s, writers, func(i int) func(tx *store.Tx) error {
		return func(tx *store.Tx) error {
			if i%3 == 0 {
				return operate(tx, numbered("bad", i), -1)
			}
			return operate(tx, numbered("good", i), -1, 1)
		}
	})
	for i, err := range results {
		if i%3 == 0 && !store.IsForeignKey(err) || i%3 != 0 && err != nil {
			t.Errorf("writer %d: %v", i, err)
		}
	}
	read(t, s, func(tx *store.Tx) error {
		n, err := one(tx, `SELECT count(*) FROM probe_operation WHERE substr(id, 1, 4) = 'good'`)
		all, _ := one(tx, `SELECT count(*) FROM probe_operation`)
		if n != writers*2/3 || all != n {
			t.Errorf("%d good of %d operations, want %d", n, all, writers*2/3)
		}
		return err
	})
}
