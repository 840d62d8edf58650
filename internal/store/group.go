package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// The queue lets one goroutine at a time write to SQLite and makes one COMMIT
// carry the work of all who came while the last one was being written.
//
// Who finds nobody at work leads: it begins the transaction, runs its own
// function, and then hands the connection to the waiting ones in turn. Each
// runs its own function on its own goroutine inside a savepoint, hands the
// connection back, and, if it succeeded, waits. The leader commits; all hear
// the outcome; the first of those who came meanwhile leads next. One writer
// alone pays for no savepoint.
//
// So a function's error or panic undoes its own work only, nobody is told of
// success before the one COMMIT is durable, and a COMMIT that fails is told to
// all. A deferred foreign key left open is found before the savepoint is
// released, while it is known whose it is.
const (
	maxGroup     = 512                   // members of one commit
	maxGroupTime = 20 * time.Millisecond // after which nobody more is let in
	busyAttempts = 3                     // each waits the busy_timeout of 5 s; only a foreign program can hold the file
)

type queue struct {
	conn *sqliteConn // belongs to whoever leads or holds the turn

	mu      sync.Mutex
	waiting []*turn // in order of arrival
	busy    bool    // somebody leads, or has been told to
}

// turn is one waiting writer.
type turn struct {
	alone bool        // never shares a commit
	start chan *group // buffered; nil says: lead
}

// group is the work of one COMMIT.
type group struct {
	back chan bool     // a member gives the connection back: is the transaction still whole?
	done chan struct{} // closed after err is set
	err  error
}

// errUndone is told to the members of a group whose transaction was lost
// through no fault of theirs.
var errUndone = errors.New("store: the shared transaction was lost")

func (q *queue) write(ctx context.Context, now time.Time, alone bool, fn func(*Tx) error) error {
	err := q.once(ctx, now, alone, fn)
	if errors.Is(err, errUndone) {
		err = q.once(ctx, now, true, fn)
	}
	return err
}

func (q *queue) once(ctx context.Context, now time.Time, alone bool, fn func(*Tx) error) error {
	t := &turn{alone: alone, start: make(chan *group, 1)}
	if q.arrive(t) {
		return q.lead(ctx, now, alone, fn)
	}
	var g *group
	select {
	case g = <-t.start:
	case <-ctx.Done():
		if q.withdraw(t) {
			return context.Cause(ctx)
		}
		g = <-t.start // it was our turn already: the function will find ctx ended
	}
	if g == nil {
		return q.lead(ctx, now, alone, fn)
	}
	if err := q.follow(ctx, now, g, fn); err != nil {
		return err
	}
	<-g.done
	return g.err
}

// arrive makes the writer the leader when nobody is at work, else it waits.
func (q *queue) arrive(t *turn) (lead bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.busy {
		q.busy = true
		return true
	}
	q.waiting = append(q.waiting, t)
	return false
}

// withdraw takes a writer out of the queue; false when its turn has come.
func (q *queue) withdraw(t *turn) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i, w := range q.waiting {
		if w == t {
			q.waiting = append(q.waiting[:i], q.waiting[i+1:]...)
			return true
		}
	}
	return false
}

// next takes the first in the queue that may join a group; nil if there is none.
func (q *queue) next() *turn {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 || q.waiting[0].alone {
		return nil
	}
	return q.shift()
}

func (q *queue) shift() *turn {
	t := q.waiting[0]
	q.waiting[0] = nil
	q.waiting = q.waiting[1:]
	return t
}

// handOver makes the first in the queue the leader.
func (q *queue) handOver() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		q.busy = false
		return
	}
	q.shift().start <- nil
}

// hold keeps all writers waiting while fn runs.
func (q *queue) hold(ctx context.Context, fn func() error) error {
	t := &turn{alone: true, start: make(chan *group, 1)}
	if !q.arrive(t) {
		select {
		case <-t.start: // alone, so it can only be the lead
		case <-ctx.Done():
			if q.withdraw(t) {
				return context.Cause(ctx)
			}
			<-t.start
		}
	}
	defer q.handOver()
	return fn()
}

// lead does one transaction from BEGIN to COMMIT. The caller holds the lead.
func (q *queue) lead(ctx context.Context, now time.Time, alone bool, fn func(*Tx) error) (err error) {
	g := &group{back: make(chan bool), done: make(chan struct{}), err: errUndone}
	open := false
	defer func() { // also when fn panics or ends the goroutine
		if open {
			q.conn.rollback()
		}
		close(g.done)
		q.handOver()
	}()
	if err := retry(ctx, busyAttempts, func() error { return q.control("BEGIN IMMEDIATE") }); err != nil {
		return engineError(err)
	}
	open = true
	if err := q.work(ctx, now, fn); err != nil {
		return err
	}
	if !alone && !q.admit(g) {
		// Somebody's statement ended the transaction for all. The leader is in
		// the same place as the members: its work is gone, it did nothing wrong.
		return errUndone
	}
	err = q.commit()
	open = err != nil
	g.err = err
	return err
}

// admit lets the waiting ones in, and reports whether the transaction is whole.
func (q *queue) admit(g *group) bool {
	began := time.Now()
	for range maxGroup {
		t := q.next()
		if t == nil {
			break
		}
		t.start <- g
		if !<-g.back {
			return false
		}
		if time.Since(began) > maxGroupTime {
			break
		}
	}
	return true
}

// follow does one member's work in a savepoint of the leader's transaction. Nil
// means done, to be told after the group's commit.
func (q *queue) follow(ctx context.Context, now time.Time, g *group, fn func(*Tx) error) (err error) {
	whole := false
	finished := false
	defer func() { // also when fn panics or ends the goroutine
		if !finished {
			whole = q.undo()
		}
		g.back <- whole
	}()
	if err := q.control("SAVEPOINT member"); err != nil {
		finished = true
		return errUndone
	}
	if err := q.work(ctx, now, fn); err != nil {
		return err // and undo
	}
	whole = q.control("RELEASE SAVEPOINT member") == nil
	finished = true
	if !whole {
		return errUndone
	}
	return nil
}

// undo takes back a member's work, and reports whether the others' is still
// there.
func (q *queue) undo() bool {
	return q.control("ROLLBACK TO SAVEPOINT member") == nil && q.control("RELEASE SAVEPOINT member") == nil
}

// work runs one writer's function. Its statements run under a context without
// an end: SQLite answers an interrupted write by undoing everybody's.
func (q *queue) work(ctx context.Context, now time.Time, fn func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	tx := &Tx{caller: ctx, ctx: context.WithoutCancel(ctx), db: q.conn, now: now}
	if err := tx.run(fn); err != nil {
		return err
	}
	open, err := q.conn.dangling()
	if err != nil {
		return err
	}
	if open {
		return &ConstraintError{Rule: ForeignKey, cause: errors.New("a deferred foreign key has no row to refer to")}
	}
	return nil
}

func (q *queue) commit() error {
	err := retry(context.Background(), busyAttempts, func() error { return q.control("COMMIT") })
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok && e.Code()&0xff == sqlite3.SQLITE_IOERR {
		// The log may have reached the disk although the disk did not say so.
		return fmt.Errorf("%w: %w", ErrOutcomeUnknown, err)
	}
	return engineError(err)
}

func (q *queue) control(statement string) error {
	_, err := q.conn.ExecContext(context.Background(), statement)
	return err
}
