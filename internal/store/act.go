package store

import (
	"cmp"
	"context"
	"errors"
	"sync/atomic"
)

// ErrRehearsed is what Write gives where an act was only tried: everything was done and
// undone again, and nothing has refused it.
var ErrRehearsed = errors.New("store: done for trial, and undone")

// Watch is told, within the transaction, of the act that it does: what belongs to the
// act and is written by somebody further up (under which key a request was carried out)
// stands on the disk with the act or not at all.
//
// The act is the first transaction that says so (Tx.Act) and commits; transactions
// before and after it are none of Watch's business.
type Watch struct {
	// Within runs at the end of the transaction of the act. Its error undoes the act.
	Within func(tx *Tx, about string) error
	// Rehearse undoes the act once Within has run, and any transaction that would
	// change something without being an act: Write gives ErrRehearsed.
	Rehearse bool

	done atomic.Bool
}

// Done tells whether the act stands on the disk.
func (w *Watch) Done() bool { return w.done.Load() }

type watching struct{}

// Watching gives a context whose Writes w watches: one act's.
func Watching(ctx context.Context, w *Watch) context.Context {
	return context.WithValue(ctx, watching{}, w)
}

// Act says that this transaction does an act with a record of that name; of several the
// first counts.
func (tx *Tx) Act(about string) { tx.about = cmp.Or(tx.about, about) }

// watched is fn with what ctx's Watch wants of it, and after is called once it is on
// the disk.
func watched(ctx context.Context, fn func(*Tx) error) (with func(*Tx) error, after func()) {
	w, _ := ctx.Value(watching{}).(*Watch)
	if w == nil || w.done.Load() {
		return fn, func() {}
	}
	var act atomic.Bool
	return func(tx *Tx) error {
		act.Store(false) // it may run again after a lost race
		if err := fn(tx); err != nil {
			return err
		}
		if tx.about != "" {
			act.Store(true)
			if err := w.Within(tx, tx.about); err != nil {
				return err
			}
		}
		if w.Rehearse {
			return ErrRehearsed
		}
		return nil
	}, func() { w.done.Store(w.done.Load() || act.Load()) }
}
