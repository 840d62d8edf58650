package ledger

import (
	"context"
	"time"

	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/proof"
)

// waiter waits for one entry to reach a state.
type waiter struct {
	want  State
	index int64 // once logged, -1 before
	ready chan struct{}
}

// Await waits until the entry has reached the state, and gives it as it then
// is. When ctx ends first the entry is given as it is, with ctx's error: the
// statement is not lost, it is on its way.
func (l *Ledger) Await(ctx context.Context, id canonical.Hash, want State) (*Entry, error) {
	w := &waiter{want: want, index: -1, ready: make(chan struct{})}
	l.mu.Lock()
	l.waiters[id] = append(l.waiters[id], w)
	l.mu.Unlock()
	defer l.forget(id, w)
	e, err := l.Entry(ctx, id)
	if err != nil {
		return nil, err
	}
	if e.State() >= want {
		return e, nil
	}
	if e.Index >= 0 {
		l.tell(id, Logged, e.Index)
		// The checkpoint over it may have been read before w was told of the index.
		if err := l.catchUp(ctx, e.Index); err != nil {
			return e, err
		}
	}
	select {
	case <-w.ready:
		e, err := l.Entry(ctx, id)
		if err != nil || e.State() >= want {
			return e, err
		}
		// The watcher has told us of a checkpoint over an index that was stored
		// after its own transaction, and the appending goroutine has yet to mark it.
		if err := l.catchUp(ctx, e.Index); err != nil {
			return e, err
		}
		return l.Entry(ctx, id)
	case <-ctx.Done():
		if e, err := l.Entry(context.WithoutCancel(ctx), id); err == nil {
			return e, ctx.Err()
		}
		return e, ctx.Err()
	}
}

func (l *Ledger) forget(id canonical.Hash, w *waiter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ws := l.waiters[id]
	for i := range ws {
		if ws[i] == w {
			ws = append(ws[:i], ws[i+1:]...)
			break
		}
	}
	if len(ws) == 0 {
		delete(l.waiters, id)
	} else {
		l.waiters[id] = ws
	}
}

// tell lets those go who wait for no more than state, and notes the index for
// those who wait for witnesses.
func (l *Ledger) tell(id canonical.Hash, state State, index int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, w := range l.waiters[id] {
		w.index = index
		w.reach(state)
	}
}

func (w *waiter) reach(state State) {
	if w.want > state {
		return
	}
	select {
	case <-w.ready:
	default:
		close(w.ready)
	}
}

// tellWitnessed lets those go whose entry a checkpoint of this size covers.
func (l *Ledger) tellWitnessed(size int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, ws := range l.waiters {
		for _, w := range ws {
			if w.index >= 0 && w.index < size {
				w.reach(Witnessed)
			}
		}
	}
}

// pollEvery is how often the published checkpoint is looked at: a file of some
// hundred bytes, so that a clerk who waits hears of it at once.
const pollEvery = 10 * time.Millisecond

// watch follows the published checkpoint.
func (l *Ledger) watch(ctx context.Context) {
	t := time.NewTicker(pollEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			if err := l.readCheckpoint(ctx); err != nil && ctx.Err() == nil {
				l.slog.Error("published checkpoint", "error", err)
				l.setFault(err)
			}
		}
	}
}

// readCheckpoint looks at the published checkpoint and, when it is new and
// satisfies the policy, marks what it covers. The policy is checked here too,
// although the log publishes nothing without its witnesses: nothing is called
// witnessed on another component's word.
func (l *Ledger) readCheckpoint(ctx context.Context) error {
	text, err := l.log.Checkpoint(ctx)
	if err != nil || text == "" {
		return err
	}
	l.mu.Lock()
	seen := text == l.text
	l.mu.Unlock()
	if seen {
		return nil
	}
	c, err := policy.ParseCheckpoint(text)
	if err != nil {
		return err
	}
	cosigned, err := l.log.policy.Check(c)
	if err != nil {
		return err
	}
	l.point("publish.seen")
	// Known before it is stored: an index that is stored after our transaction
	// is then marked by catchUp, and one stored before it by us. None is missed.
	l.mu.Lock()
	l.latest, l.text = cosigned, text
	l.mu.Unlock()
	if err := l.keepCheckpoint(ctx, text, cosigned); err != nil {
		l.mu.Lock()
		l.text = "" // look again
		l.mu.Unlock()
		return err
	}
	l.point("publish.stored")
	l.tellWitnessed(c.Size)
	return nil
}

// keepCheckpoint stores a checkpoint that is the first to cover some entry and
// marks those entries witnessed. Only entries whose index is stored are marked;
// one that was added and not yet stored is marked when the next checkpoint
// comes or, at the latest, by catchUp.
func (l *Ledger) keepCheckpoint(ctx context.Context, text string, c *policy.Cosigned) error {
	return l.store.Write(ctx, l.now(), func(tx *store.Tx) error {
		return l.markWitnessed(tx, text, c)
	})
}

func (l *Ledger) markWitnessed(tx *store.Tx, text string, c *policy.Cosigned) error {
	size, at := c.Checkpoint.Size, time.Unix(c.Time, 0).UTC()
	// origin || '' keeps SQLite off the index over (origin, idx), which would have
	// it read the whole log at every checkpoint, and on the one of what waits.
	n, err := tx.Exec(`UPDATE ledger_entry SET witnessed_size = $1, witnessed_at = $2
		WHERE witnessed_size IS NULL AND idx IS NOT NULL AND idx < $1 AND origin || '' = $3`, size, at, l.log.origin)
	if err != nil || n == 0 {
		return err
	}
	_, err = tx.Exec(`INSERT INTO ledger_checkpoint (origin, size, text, time) VALUES ($1, $2, $3, $4) ON CONFLICT (origin, size) DO NOTHING`,
		l.log.origin, size, text, at)
	return err
}

// catchUp marks entries whose index was stored after the checkpoint that
// covers them had been read.
func (l *Ledger) catchUp(ctx context.Context, highest int64) error {
	cosigned, text := l.Latest()
	if cosigned == nil || highest >= cosigned.Checkpoint.Size {
		return nil
	}
	if err := l.keepCheckpoint(ctx, text, cosigned); err != nil {
		return err
	}
	l.tellWitnessed(cosigned.Checkpoint.Size)
	return nil
}

// Proof proves a witnessed entry under the first checkpoint that covered it,
// whose clocks are nearest to the time of issue.
func (l *Ledger) Proof(ctx context.Context, e *Entry) (*proof.Proof, error) {
	var text string
	err := l.store.Read(ctx, l.now(), func(tx *store.Tx) error {
		return tx.QueryRow(`SELECT text FROM ledger_checkpoint WHERE origin = $1 AND size = $2`, e.Origin, e.WitnessedSize).Scan(&text)
	})
	if err != nil {
		return nil, err
	}
	if e.Origin != l.log.origin {
		return l.proofFromDatabase(ctx, e, text)
	}
	return l.log.Proof(ctx, e.Index, text)
}

func (l *Ledger) setFault(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fault = err
}
