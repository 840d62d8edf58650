package storetest

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"adamas.example/internal/store"
)

var transactionTests = []test{
	{"ErrorUndoesAll", errorUndoesAll},
	{"PanicUndoesAll", panicUndoesAll},
	{"EndOfGoroutineUndoesAll", goexitUndoesAll},
	{"FailedStatementSpoils", failedStatementSpoils},
	{"Savepoints", savepoints},
	{"PanicInSavepointSpoils", panicInSavepoint},
	{"TransactionsAreTheStores", transactionsAreTheStores},
	{"RowsMustBeReadFirst", rowsMustBeReadFirst},
	{"RowsLeftOpenDoNoHarm", rowsLeftOpen},
	{"TxAfterItsEnd", txAfterItsEnd},
	{"ReadYourWrites", readYourWrites},
	{"ReadersSeeOnlyCommittedWork", readersSeeCommitted},
	{"AReadIsOneState", readIsOneState},
	{"ReadCannotWrite", readCannotWrite},
	{"NestingIsRefused", nesting},
	{"TheTimeMustBeGiven", timeMustBeGiven},
	{"EndedContext", endedContext},
	{"ContextEndsWhileWaiting", endsWhileWaiting},
	{"ContextEndsAfterTheWork", endsAfterTheWork},
	{"LongReadEndsWithItsContext", longReadEnds},
	{"CloseWaits", closeWaits},
}

func errorUndoesAll(t *testing.T, s *store.Store) {
	for name, write := range map[string]func(context.Context, time.Time, func(*store.Tx) error) error{
		"Write": s.Write, "WriteAlone": s.WriteAlone,
	} {
		err := write(t.Context(), Now, func(tx *store.Tx) error {
			if err := put(tx, "a", 1); err != nil {
				return err
			}
			return errRefused
		})
		if err != errRefused {
			t.Errorf("%s gives %v, want the function's own error", name, err)
		}
	}
	if got := ids(t, s, ""); len(got) != 0 {
		t.Errorf("left behind: %v", got)
	}
}

func panicUndoesAll(t *testing.T, s *store.Store) {
	for name, transact := range map[string]func(context.Context, time.Time, func(*store.Tx) error) error{"Write": s.Write, "Read": s.Read} {
		func() {
			defer func() {
				if v := recover(); v != "on purpose" {
					t.Errorf("%s: recovered %v", name, v)
				}
			}()
			transact(t.Context(), Now, func(tx *store.Tx) error {
				if name == "Write" {
					put(tx, "a", 1)
				}
				panic("on purpose")
			})
		}()
	}
	write(t, s, func(tx *store.Tx) error { return put(tx, "b", 1) })
	if diff := cmp.Diff([]string{"b"}, ids(t, s, "")); diff != "" {
		t.Errorf("after a panic (-want +got):\n%s", diff)
	}
}

// goexitUndoesAll is a test that calls t.Fatal inside Write.
func goexitUndoesAll(t *testing.T, s *store.Store) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.Write(t.Context(), Now, func(tx *store.Tx) error {
			put(tx, "a", 1)
			runtime.Goexit()
			return nil
		})
	}()
	within(t, "the ended goroutine", ended)
	write(t, s, func(tx *store.Tx) error { return put(tx, "b", 1) })
	if diff := cmp.Diff([]string{"b"}, ids(t, s, "")); diff != "" {
		t.Errorf("after the end (-want +got):\n%s", diff)
	}
}

func failedStatementSpoils(t *testing.T, s *store.Store) {
	for name, statement := range map[string]string{
		"constraint": `INSERT INTO probe_item (id, name, n) VALUES ('x', 'x', 13)`,
		"syntax":     `INSERT INTO probe_item`,
		"no table":   `INSERT INTO probe_nothing (id) VALUES ('x')`,
	} {
		err := s.Write(t.Context(), Now, func(tx *store.Tx) error {
			if err := put(tx, "a", 1); err != nil {
				return err
			}
			if _, err := tx.Exec(statement); err == nil {
				t.Errorf("%s: no error", name)
			}
			if err := put(tx, "b", 1); err == nil {
				t.Errorf("%s: a statement after it was run", name)
			}
			return nil // the mistake: going on as if nothing had happened
		})
		if err == nil {
			t.Errorf("%s: Write tells success", name)
		}
	}
	if got := ids(t, s, ""); len(got) != 0 {
		t.Errorf("left behind: %v", got)
	}
}

func savepoints(t *testing.T, s *store.Store) {
	write(t, s, func(tx *store.Tx) error {
		if err := put(tx, "kept 1", 1); err != nil {
			return err
		}
		err := tx.Savepoint(func() error {
			if err := put(tx, "undone 1", 1); err != nil {
				return err
			}
			return put(tx, "kept 1", 2) // twice
		})
		if !store.IsUnique(err, "probe_item", "id") {
			t.Errorf("the savepoint's error: %v", err)
		}
		return tx.Savepoint(func() error {
			if err := put(tx, "kept 2", 2); err != nil {
				return err
			}
			err := tx.Savepoint(func() error {
				if err := put(tx, "undone 2", 1); err != nil {
					return err
				}
				return errRefused
			})
			if err != errRefused {
				t.Errorf("the inner savepoint's error: %v", err)
			}
			err = tx.Savepoint(func() error {
				put(tx, "undone 3", 13) // fails, and is not looked at
				return nil
			})
			if !store.IsCheck(err, "probe_item_n_known") {
				t.Errorf("an error not looked at: %v", err)
			}
			return put(tx, "kept 3", 3)
		})
	})
	if diff := cmp.Diff([]string{"kept 1", "kept 2", "kept 3"}, ids(t, s, "")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func panicInSavepoint(t *testing.T, s *store.Store) {
	err := s.Write(t.Context(), Now, func(tx *store.Tx) error {
		func() {
			defer func() { recover() }()
			tx.Savepoint(func() error {
				put(tx, "half", 1)
				panic("on purpose")
			})
		}()
		return nil
	})
	if err == nil {
		t.Error("half a savepoint's work was committed")
	}
	if got := ids(t, s, ""); len(got) != 0 {
		t.Errorf("left behind: %v", got)
	}
}

func transactionsAreTheStores(t *testing.T, s *store.Store) {
	for _, statement := range []string{"COMMIT", "ROLLBACK", "BEGIN", "SAVEPOINT x"} {
		err := s.Write(t.Context(), Now, func(tx *store.Tx) error {
			if err := put(tx, "a", 1); err != nil {
				return err
			}
			tx.Exec(statement)
			return nil
		})
		if err == nil {
			t.Errorf("%s was run", statement)
		}
	}
	if got := ids(t, s, ""); len(got) != 0 {
		t.Errorf("left behind: %v", got)
	}
}

func three(tx *store.Tx) error {
	return errors.Join(put(tx, "a", 1), put(tx, "b", 2), put(tx, "c", 3))
}

func rowsMustBeReadFirst(t *testing.T, s *store.Store) {
	write(t, s, func(tx *store.Tx) error {
		if err := three(tx); err != nil {
			return err
		}
		rows, err := tx.Query(`SELECT id FROM probe_item ORDER BY id`)
		if err != nil {
			return err
		}
		rows.Next()
		if _, err := tx.Exec(`DELETE FROM probe_item`); err == nil {
			t.Error("a statement was run while rows were open")
		}
		if err := rows.Close(); err != nil {
			return err
		}
		return put(tx, "d", 4)
	})
	if got := ids(t, s, ""); len(got) != 4 {
		t.Errorf("found %v, want four", got)
	}
}

func rowsLeftOpen(t *testing.T, s *store.Store) {
	leave := func(tx *store.Tx) error {
		rows, err := tx.Query(`SELECT id FROM probe_item ORDER BY id`)
		if err == nil {
			rows.Next()
		}
		return err
	}
	write(t, s, three)
	write(t, s, leave)
	for range 20 { // more than there are reading connections
		read(t, s, leave)
	}
	write(t, s, func(tx *store.Tx) error { return put(tx, "d", 4) })
}

func txAfterItsEnd(t *testing.T, s *store.Store) {
	var kept *store.Tx
	write(t, s, func(tx *store.Tx) error { kept = tx; return nil })
	if err := put(kept, "late", 1); err == nil {
		t.Error("a Tx was used after its function returned")
	}
	if err := kept.Savepoint(func() error { return nil }); err == nil {
		t.Error("a savepoint was made after its function returned")
	}
	if got := ids(t, s, ""); len(got) != 0 {
		t.Errorf("left behind: %v", got)
	}
}

func readYourWrites(t *testing.T, s *store.Store) {
	for i := range 50 {
		write(t, s, func(tx *store.Tx) error {
			if err := put(tx, numbered("a", i), int64(i)+100); err != nil {
				return err
			}
			n, err := one(tx, `SELECT count(*) FROM probe_item`)
			if n != int64(i+1) {
				t.Errorf("inside: %d rows, want %d", n, i+1)
			}
			return err
		})
		if got := ids(t, s, ""); len(got) != i+1 {
			t.Fatalf("a read after write %d sees %d rows", i+1, len(got))
		}
	}
}

func readersSeeCommitted(t *testing.T, s *store.Store) {
	write(t, s, func(tx *store.Tx) error {
		if err := put(tx, "open", 1); err != nil {
			return err
		}
		if got := ids(t, s, ""); len(got) != 0 {
			t.Errorf("a reader sees work not committed: %v", got)
		}
		return nil
	})
	if got := ids(t, s, ""); len(got) != 1 {
		t.Errorf("a reader misses committed work: %v", got)
	}
}

func readIsOneState(t *testing.T, s *store.Store) {
	write(t, s, three)
	read(t, s, func(tx *store.Tx) error {
		before, err := one(tx, `SELECT count(*) FROM probe_item`)
		if err != nil {
			return err
		}
		write(t, s, func(tx *store.Tx) error { return put(tx, "meanwhile", 1) })
		after, err := one(tx, `SELECT count(*) FROM probe_item`)
		if before != 3 || after != 3 {
			t.Errorf("one read saw %d rows, then %d", before, after)
		}
		return err
	})
}

func readCannotWrite(t *testing.T, s *store.Store) {
	for _, statement := range []string{`INSERT INTO probe_item (id, name, n) VALUES ('x', 'x', 1)`,
		`DELETE FROM probe_item`, `CREATE TABLE probe_more (id TEXT)`} {
		err := s.Read(t.Context(), Now, func(tx *store.Tx) error {
			_, err := tx.Exec(statement)
			return err
		})
		if err == nil {
			t.Errorf("Read ran %s", statement)
		}
	}
}

func nesting(t *testing.T, s *store.Store) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		write(t, s, func(tx *store.Tx) error {
			none := func(*store.Tx) error { return nil }
			if err := s.Write(tx.Context(), Now, none); err == nil {
				t.Error("a Write within a Write went through")
			}
			return s.Read(tx.Context(), Now, func(tx *store.Tx) error {
				if err := s.Read(tx.Context(), Now, none); err == nil {
					t.Error("a Read within a Read went through")
				}
				return nil
			})
		})
	}()
	within(t, "the inner Write", done)
}

func timeMustBeGiven(t *testing.T, s *store.Store) {
	none := func(*store.Tx) error { return nil }
	if s.Write(t.Context(), time.Time{}, none) == nil || s.Read(t.Context(), time.Time{}, none) == nil {
		t.Error("a transaction without the time was begun")
	}
}

func endedContext(t *testing.T, s *store.Store) {
	ctx, cancel := started(t)
	err := s.Write(ctx, Now, func(tx *store.Tx) error {
		if err := put(tx, "a", 1); err != nil {
			return err
		}
		cancel(errRefused)
		if err := put(tx, "b", 1); !errors.Is(err, errRefused) && !errors.Is(err, context.Canceled) {
			t.Errorf("a statement after the end: %v", err)
		}
		return nil
	})
	if err == nil {
		t.Error("the work of an ended caller was committed")
	}
	ran := false
	for _, transact := range []func(context.Context, time.Time, func(*store.Tx) error) error{s.Write, s.Read, s.WriteAlone} {
		if err := transact(ctx, Now, func(*store.Tx) error { ran = true; return nil }); err == nil {
			t.Error("an ended caller was told success")
		}
	}
	if ran {
		t.Error("the function of an ended caller was run")
	}
	if got := ids(t, s, ""); len(got) != 0 {
		t.Errorf("left behind: %v", got)
	}
}

// endsWhileWaiting holds the only writer of SQLite; PostgreSQL makes nobody wait
// and simply does the work.
func endsWhileWaiting(t *testing.T, s *store.Store) {
	entered, release, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		var once sync.Once
		s.Write(t.Context(), Now, func(tx *store.Tx) error {
			once.Do(func() { close(entered) })
			<-release
			return put(tx, "holder", 1)
		})
	}()
	within(t, "the holder", entered)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	err := s.Write(ctx, Now, func(tx *store.Tx) error { return put(tx, "waiter", 1) })
	close(release)
	within(t, "the holder's end", done)
	want := []string{"holder"}
	if err == nil {
		want = append(want, "waiter")
	}
	if diff := cmp.Diff(want, ids(t, s, "")); diff != "" {
		t.Errorf("waiter was told %v (-want +got):\n%s", err, diff)
	}
}

func endsAfterTheWork(t *testing.T, s *store.Store) {
	for i := range 20 {
		ctx, cancel := started(t)
		err := s.Write(ctx, Now, func(tx *store.Tx) error {
			defer cancel(nil)
			return put(tx, numbered("a", i), 1)
		})
		if err != nil {
			t.Errorf("the work was done, and told as %v", err)
		}
	}
	if got := ids(t, s, ""); len(got) != 20 {
		t.Errorf("%d of 20 are there", len(got))
	}
}

func longReadEnds(t *testing.T, s *store.Store) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		err := s.Read(ctx, Now, func(tx *store.Tx) error {
			_, err := one(tx, `WITH RECURSIVE c (x) AS (SELECT CAST(1 AS INT8) UNION ALL SELECT x + 1 FROM c WHERE x < 1000000000) SELECT count(*) FROM c`)
			return err
		})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a read of minutes ended with %v", err)
		}
	}()
	within(t, "a read whose context ended", done)
	write(t, s, three)
	for range 20 {
		if got := ids(t, s, ""); len(got) != 3 {
			t.Fatalf("reads after it find %v", got)
		}
	}
}

func closeWaits(t *testing.T, s *store.Store) {
	entered, release := make(chan struct{}), make(chan struct{})
	result := make(chan error, 1)
	go func() {
		var once sync.Once
		result <- s.Write(t.Context(), Now, func(tx *store.Tx) error {
			once.Do(func() { close(entered) })
			<-release
			return put(tx, "a", 1)
		})
	}()
	within(t, "the writer", entered)
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}()
	close(release)
	within(t, "Close", closed)
	if err := <-result; err != nil && !errors.Is(err, store.ErrClosed) {
		t.Errorf("a writer during Close: %v", err)
	}
	none := func(*store.Tx) error { return nil }
	if err := s.Write(t.Context(), Now, none); !errors.Is(err, store.ErrClosed) {
		t.Errorf("Write after Close: %v", err)
	}
	if err := s.Read(t.Context(), Now, none); !errors.Is(err, store.ErrClosed) {
		t.Errorf("Read after Close: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("a second Close: %v", err)
	}
}
