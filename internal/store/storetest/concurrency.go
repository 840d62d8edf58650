package storetest

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"adamas.example/internal/store"
)

var concurrencyTests = []test{
	{"ToldIsWhatIsThere", toldIsWhatIsThere},
	{"LostRacesAreRunAgain", lostRaces},
	{"LostRacesHiddenFromTheStore", hiddenRaces},
	{"OneOfTwoFirsts", oneOfTwoFirsts},
	{"NoWriteSkew", noWriteSkew},
	{"CrossedLocks", crossedLocks},
	{"EveryoneGetsATurn", everyone},
}

// together runs n writers that arrive while another is at work, so that an
// engine that shares commits shares theirs.
func together(t *testing.T, s *store.Store, n int, work func(i int) func(tx *store.Tx) error) []error {
	t.Helper()
	results := make([]error, n)
	release, entered := make(chan struct{}), make(chan struct{})
	var all, arrived sync.WaitGroup
	var once sync.Once
	all.Go(func() {
		s.Write(t.Context(), Now, func(*store.Tx) error {
			once.Do(func() { close(entered) })
			<-release
			return nil
		})
	})
	<-entered
	arrived.Add(n)
	for i := range n {
		all.Go(func() {
			arrived.Done()
			results[i] = s.Write(t.Context(), Now, work(i))
		})
	}
	arrived.Wait()
	time.Sleep(5 * time.Millisecond) // from "about to call" to "in the queue", nearly always
	close(release)
	done := make(chan struct{})
	go func() { defer close(done); all.Wait() }()
	within(t, "the writers", done)
	return results
}

// A deed is one writer's work: rows of its own, and how it ends.
type deed struct {
	writer, number int
	rows           int
	end            ending
}

type ending int

const (
	wellDone ending = iota
	ownError
	brokenCheck
	brokenDeferred
	takenKey
	panics
	leaves // ends its goroutine
	mendedBySavepoint
	spoiltUnseen
	contextEnds
	alone
	aloneRefused
	endings
)

func (d deed) prefix() string { return fmt.Sprintf("w%02d-%03d-", d.writer, d.number) }

// good reports whether success must be told.
func (d deed) good() bool {
	return d.end == wellDone || d.end == mendedBySavepoint || d.end == alone
}

func (d deed) work(run string, cancel context.CancelCauseFunc) func(tx *store.Tx) error {
	return func(tx *store.Tx) error {
		for i := range d.rows {
			if err := put(tx, numbered(run+d.prefix(), i), int64(i)+100); err != nil {
				return err
			}
		}
		switch d.end {
		case ownError, aloneRefused:
			return errRefused
		case brokenCheck:
			return put(tx, run+d.prefix()+"bad", 13)
		case brokenDeferred:
			return operate(tx, run+d.prefix(), -1)
		case takenKey:
			return put(tx, numbered(run+d.prefix(), 0), 1)
		case panics:
			panic(d)
		case leaves:
			runtime.Goexit()
		case mendedBySavepoint:
			tx.Savepoint(func() error {
				put(tx, run+d.prefix()+"gone", 1)
				return put(tx, run+d.prefix()+"bad", 13)
			})
		case spoiltUnseen:
			put(tx, run+d.prefix()+"bad", 13)
		case contextEnds:
			cancel(errRefused)
			put(tx, run+d.prefix()+"late", 1)
		}
		return nil
	}
}

// do runs the deed to its end, whatever that is, and reports whether success was
// told.
func (d deed) do(ctx context.Context, s *store.Store, run string) (told bool) {
	done := make(chan struct{})
	go func() { // of its own, since it may end it
		defer close(done)
		defer func() { recover() }()
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		transact := s.Write
		if d.end == alone || d.end == aloneRefused {
			transact = s.WriteAlone
		}
		told = transact(ctx, Now, d.work(run, cancel)) == nil
	}()
	<-done
	return told
}

// toldIsWhatIsThere is the promise of Write as a property: whatever mixture of
// writers come at once, the rows that are there are exactly those of the writers
// who were told success, and who does right is told success.
func toldIsWhatIsThere(t *testing.T, s *store.Store) {
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		writers := rapid.SliceOfN(rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) deed {
			return deed{rows: rapid.IntRange(1, 3).Draw(rt, "rows"), end: ending(rapid.IntRange(0, int(endings)-1).Draw(rt, "end"))}
		}), 1, 6), 2, 12).Draw(rt, "writers")
		run++
		prefix := fmt.Sprintf("r%04d-", run)
		var mu sync.Mutex
		var want []string
		var wrong []string
		var all sync.WaitGroup
		for w, deeds := range writers {
			all.Go(func() {
				for n, d := range deeds {
					d.writer, d.number = w, n
					told := d.do(t.Context(), s, prefix)
					mu.Lock()
					if told != d.good() {
						wrong = append(wrong, fmt.Sprintf("%+v was told success: %v", d, told))
					}
					for i := range d.rows {
						if told {
							want = append(want, numbered(prefix+d.prefix(), i))
						}
					}
					mu.Unlock()
				}
			})
		}
		all.Wait()
		slices.Sort(want)
		slices.Sort(wrong)
		for _, w := range wrong {
			rt.Error(w)
		}
		if diff := cmp.Diff(want, ids(t, s, prefix)); diff != "" {
			rt.Errorf("told (-) and there (+):\n%s", diff)
		}
	})
}

// lostRaces is the classic lost update, by many at once on one row.
func lostRaces(t *testing.T, s *store.Store) {
	count(t, s, 24, 8, func(_ *store.Tx, increment func() error) error { return increment() })
}

// hiddenRaces: a function that does not pass on the error of its lost race has
// lost it all the same.
func hiddenRaces(t *testing.T, s *store.Store) {
	for name, hide := range map[string]func(tx *store.Tx, increment func() error) error{
		"behind an error of its own": func(_ *store.Tx, increment func() error) error {
			if increment() != nil {
				return errRefused
			}
			return nil
		},
		"in a savepoint": func(tx *store.Tx, increment func() error) error {
			tx.Savepoint(increment)
			return nil
		},
		"by silence": func(_ *store.Tx, increment func() error) error {
			increment()
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) { count(t, s, 16, 4, hide) })
	}
}

// count lets writers read a number and put it back one higher, so many times
// each, and checks that none was lost.
func count(t *testing.T, s *store.Store, writers, times int, do func(tx *store.Tx, increment func() error) error) {
	t.Helper()
	write(t, s, func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO probe_item (id, name, n) VALUES ('counter', 'counter', 1000) ON CONFLICT (id) DO UPDATE SET n = 1000`)
		return err
	})
	var all sync.WaitGroup
	errs := make(chan error, writers*times)
	for range writers {
		all.Go(func() {
			for range times {
				errs <- s.Write(t.Context(), Now, func(tx *store.Tx) error {
					return do(tx, func() error {
						n, err := one(tx, `SELECT n FROM probe_item WHERE id = 'counter'`)
						if err != nil {
							return err
						}
						_, err = tx.Exec(`UPDATE probe_item SET n = $1 WHERE id = 'counter'`, n+1)
						return err
					})
				})
			}
		})
	}
	all.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	read(t, s, func(tx *store.Tx) error {
		n, err := one(tx, `SELECT n FROM probe_item WHERE id = 'counter'`)
		if want := int64(1000 + writers*times); n != want {
			t.Errorf("the counter stands at %d, want %d", n, want)
		}
		return err
	})
}

// oneOfTwoFirsts: many want one number; exactly one gets it, and the others are
// told that it is taken.
func oneOfTwoFirsts(t *testing.T, s *store.Store) {
	write(t, s, func(tx *store.Tx) error { return put(tx, "issued", 1) })
	for round := range 10 {
		results := together(t, s, 12, func(int) func(tx *store.Tx) error {
			return func(tx *store.Tx) error {
				_, err := tx.Exec(`INSERT INTO probe_part (id, item) VALUES ($1, 'issued')`, round)
				return err
			}
		})
		won := 0
		for _, err := range results {
			switch {
			case err == nil:
				won++
			case !store.IsUnique(err, "probe_part", "id"):
				t.Errorf("a loser was told %v", err)
			}
		}
		if won != 1 {
			t.Errorf("round %d: %d won", round, won)
		}
	}
}

// noWriteSkew: of two officers on duty one may leave; two leave only if neither
// sees the other go.
func noWriteSkew(t *testing.T, s *store.Store) {
	for round := range 10 {
		a, b := numbered("a", round), numbered("b", round)
		write(t, s, func(tx *store.Tx) error {
			for _, id := range []string{a, b} {
				if _, err := tx.Exec(`INSERT INTO probe_item (id, name, n, note) VALUES ($1, $1, $2, 'on duty')`, id, 500+round); err != nil {
					return err
				}
			}
			return nil
		})
		together(t, s, 2, func(i int) func(tx *store.Tx) error {
			return func(tx *store.Tx) error {
				n, err := one(tx, `SELECT count(*) FROM probe_item WHERE n = $1 AND note = 'on duty'`, 500+round)
				if err != nil || n < 2 {
					return err
				}
				_, err = tx.Exec(`UPDATE probe_item SET note = 'off' WHERE id = $1`, []string{a, b}[i])
				return err
			}
		})
		read(t, s, func(tx *store.Tx) error {
			n, err := one(tx, `SELECT count(*) FROM probe_item WHERE n = $1 AND note = 'on duty'`, 500+round)
			if n != 1 {
				t.Errorf("round %d: %d on duty, want 1", round, n)
			}
			return err
		})
	}
}

// crossedLocks: two rows taken in opposite order, which deadlocks row locks.
func crossedLocks(t *testing.T, s *store.Store) {
	write(t, s, func(tx *store.Tx) error {
		if err := put(tx, "a", 1000); err != nil {
			return err
		}
		return put(tx, "b", 1000)
	})
	const writers = 8
	for i, err := range together(t, s, writers, func(i int) func(tx *store.Tx) error {
		return func(tx *store.Tx) error {
			first, second := "a", "b"
			if i%2 == 1 {
				first, second = second, first
			}
			for _, id := range []string{first, second} {
				if _, err := tx.Exec(`UPDATE probe_item SET n = n + 1 WHERE id = $1`, id); err != nil {
					return err
				}
			}
			return nil
		}
	}) {
		if err != nil {
			t.Errorf("writer %d: %v", i, err)
		}
	}
	read(t, s, func(tx *store.Tx) error {
		n, err := one(tx, `SELECT sum(n) FROM probe_item`)
		if n != 2000+2*writers {
			t.Errorf("sum %d, want %d", n, 2000+2*writers)
		}
		return err
	})
}

// everyone: 256 clerks at once, one write each, all told and all there.
func everyone(t *testing.T, s *store.Store) {
	for i, err := range together(t, s, 256, func(i int) func(tx *store.Tx) error {
		return func(tx *store.Tx) error { return put(tx, numbered("clerk", i), int64(i)+100) }
	}) {
		if err != nil {
			t.Errorf("clerk %d: %v", i, err)
		}
	}
	if got := ids(t, s, "clerk"); len(got) != 256 {
		t.Errorf("%d of 256 are there", len(got))
	}
}
