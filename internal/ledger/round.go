package ledger

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"adamas.example/internal/store"
)

// batch bounds how many entries one round appends. Three rounds can be under way,
// which is less than the 4096 entries at which Tessera refuses more.
const batch = 1024

// round is what was read at once and given to the log.
type round struct {
	entries []*Entry
	places  func() ([]int64, error) // waits for their indexes
}

// append gives leaves to the log until ctx ends, in order of signing. It reads
// what waits from the database, so that what a crash left and what is signed now
// go the same way. After an error it begins anew: at once when something new is
// signed, else after a second.
func (l *Ledger) append(ctx context.Context) {
	for {
		err := l.appendRounds(ctx)
		if ctx.Err() != nil {
			return
		}
		l.doubt = true // something may be in the log whose index is not stored
		l.setFault(err)
		l.slog.Error("append to the log", "error", err)
		select {
		case <-ctx.Done():
			return
		case <-l.kick:
		case <-time.After(time.Second):
		}
	}
}

// appendRounds goes on until the first error. While the log makes one round
// durable and its indexes are stored, the next is read and given already: who is
// signed a moment too late for a round would otherwise wait for the whole of it.
func (l *Ledger) appendRounds(ctx context.Context) error {
	rounds := make(chan round, 1)
	var open atomic.Int64 // rounds that are given and whose indexes are not stored
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(rounds)
		return l.giveRounds(ctx, rounds, &open)
	})
	g.Go(func() error { return l.keepRounds(ctx, rounds, &open) })
	err := g.Wait()
	for r := range rounds {
		r.places() // nothing may still be on its way when the log's tail is read
	}
	return err
}

func (l *Ledger) giveRounds(ctx context.Context, rounds chan<- round, open *atomic.Int64) error {
	var last int64 // number of signing of the last entry that was given
	for {
		// When nothing is under way the database alone says what waits: what has come
		// from a log that was closed (Succeed) has lower numbers.
		if open.Load() == 0 {
			last = 0
		}
		r, err := l.giveRound(ctx, last)
		if err != nil {
			return err
		}
		l.setFault(nil)
		if r == nil {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-l.kick:
			}
			continue
		}
		open.Add(1)
		last = r.entries[len(r.entries)-1].Seq
		select {
		case rounds <- *r:
		case <-ctx.Done():
			r.places() // as in appendRounds
			return ctx.Err()
		}
	}
}

func (l *Ledger) keepRounds(ctx context.Context, rounds <-chan round, open *atomic.Int64) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case r, more := <-rounds:
			if !more {
				return nil
			}
			if err := l.keepRound(ctx, r); err != nil {
				return err
			}
			open.Add(-1)
		}
	}
}

// giveRound gives the log what is signed after number seq, nil when nothing is.
func (l *Ledger) giveRound(ctx context.Context, seq int64) (*round, error) {
	if l.held() != "" {
		return nil, nil
	}
	if l.doubt {
		if err := l.settle(ctx); err != nil {
			return nil, err
		}
		l.doubt = false
	}
	waiting, err := l.unlogged(ctx, seq, batch)
	if err != nil || len(waiting) == 0 {
		return nil, err
	}
	leaves := make([][]byte, len(waiting))
	for i, e := range waiting {
		leaves[i] = e.Signed
	}
	return &round{entries: waiting, places: l.log.give(ctx, leaves)}, nil
}

// keepRound waits for the indexes of a round and stores them. After an error no
// later round may be stored: the indexes that the database knows have no gaps.
func (l *Ledger) keepRound(ctx context.Context, r round) error {
	idx, err := r.places()
	if err != nil {
		return err
	}
	l.point("append.added")
	if err := l.keepIndexes(ctx, r.entries, idx); err != nil {
		return err
	}
	l.point("append.stored")
	for _, e := range r.entries {
		l.tell(e)
	}
	return l.catchUp(ctx, idx[0])
}

// settle ends a doubt: Reconcile finds the indexes, the checkpoint that was
// read meanwhile marks what it covers, and those who wait are told.
func (l *Ledger) settle(ctx context.Context) error {
	if err := l.Reconcile(ctx); err != nil {
		return err
	}
	if err := l.catchUp(ctx, 0); err != nil {
		return err
	}
	return l.tellAll(ctx)
}

// unlogged reads what waits for the log, signed after the one with number seq.
func (l *Ledger) unlogged(ctx context.Context, seq int64, limit int) (out []*Entry, err error) {
	err = l.store.Read(ctx, l.now(), func(tx *store.Tx) error {
		out, err = store.Collect(tx, scanEntry, `SELECT `+entryColumns+` FROM ledger_entry
			WHERE idx IS NULL AND signed IS NOT NULL AND origin = $1 AND seq > $2 ORDER BY seq LIMIT $3`, l.log.origin, seq, limit)
		return err
	})
	return out, err
}

// keepIndexes is transaction 3, for a whole round. Once it is committed the
// entries say so too.
func (l *Ledger) keepIndexes(ctx context.Context, es []*Entry, idx []int64) error {
	var at time.Time
	err := l.store.Write(ctx, l.now(), func(tx *store.Tx) error {
		at = tx.Now()
		if apart, even := distance(es, idx); even {
			return setIndexes(tx, es, `UPDATE ledger_entry SET idx = seq + $3, logged_at = $4 WHERE seq BETWEEN $1 AND $2 AND idx IS NULL`,
				es[0].Seq, es[len(es)-1].Seq, apart, at)
		}
		for i := range es {
			if err := setIndexes(tx, es[i:i+1], `UPDATE ledger_entry SET idx = $2, logged_at = $3 WHERE id = $1 AND idx IS NULL`, es[i].ID, idx[i], at); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, e := range es {
		e.Index, e.LoggedAt = idx[i], at
	}
	return nil
}

// distance tells how far the indexes are from the numbers of signing, when all are
// equally far and no number is left out: nearly always, since one goroutine appends
// in order of signing. Then one statement sets all.
func distance(es []*Entry, idx []int64) (apart int64, even bool) {
	apart = idx[0] - es[0].Seq
	for i, e := range es {
		if e.Seq != es[0].Seq+int64(i) || idx[i] != e.Seq+apart {
			return 0, false
		}
	}
	return apart, true
}

// setIndexes refuses when not every entry was set, and no other.
func setIndexes(tx *store.Tx, es []*Entry, update string, args ...any) error {
	n, err := tx.Exec(update, args...)
	if err == nil && n != int64(len(es)) {
		return fmt.Errorf("%w: %d of %d from entry %s", errNoPlace, n, len(es), es[0].ID)
	}
	return err
}
