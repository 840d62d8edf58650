package ledger

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/proof"
)

// waiter waits for one entry to reach a state.
type waiter struct {
	want  State
	entry *Entry        // as it was last told of, once it is logged; nil before
	ready chan struct{} // closed when entry has the state; when it is nil, the database knows
}

// Await waits until the entry has reached the state, and gives it as it then
// is. When ctx ends first the entry is given as it is, with ctx's error: the
// statement is not lost, it is on its way.
func (l *Ledger) Await(ctx context.Context, id canonical.Hash, want State) (*Entry, error) {
	w := l.join(id, want)
	defer l.forget(id, w)
	e, err := l.Entry(ctx, id)
	if err != nil {
		return nil, err
	}
	if e.State() >= want {
		return e, nil
	}
	if e.Index >= 0 {
		l.tell(e)
		// A checkpoint may cover it whose marking has failed.
		if err := l.catchUp(ctx, e.Index); err != nil {
			return e, err
		}
	}
	return l.wait(ctx, id, w)
}

func (l *Ledger) wait(ctx context.Context, id canonical.Hash, w *waiter) (*Entry, error) {
	select {
	case <-w.ready:
		l.mu.Lock()
		e := w.entry
		l.mu.Unlock()
		if e != nil {
			own := *e // others may wait for it too
			return &own, nil
		}
		return l.Entry(ctx, id)
	case <-ctx.Done():
		e, err := l.Entry(context.WithoutCancel(ctx), id)
		if err != nil {
			return nil, errors.Join(ctx.Err(), err)
		}
		return e, ctx.Err()
	}
}

func (l *Ledger) join(id canonical.Hash, want State) *waiter {
	w := &waiter{want: want, ready: make(chan struct{})}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiters[id] = append(l.waiters[id], w)
	return w
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

// tell says what the database holds of an entry: it lets those go who wait for no
// more.
func (l *Ledger) tell(e *Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, w := range l.waiters[e.ID] {
		w.reach(e, e.State())
	}
}

// reach notes the newest that is known of the entry. The caller holds mu.
func (w *waiter) reach(e *Entry, state State) {
	select {
	case <-w.ready:
		return // and may be read
	default:
	}
	w.entry = e
	if w.want <= state {
		close(w.ready)
	}
}

// tellWitnessed lets those go whose entries a committed transaction has marked
// under a checkpoint.
func (l *Ledger) tellWitnessed(marked []canonical.Hash, size int64, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range marked {
		for _, w := range l.waiters[id] {
			e := w.entry
			if e != nil { // else its index is stored, and nobody has said so yet
				known := *e
				known.WitnessedSize, known.WitnessedAt = size, at
				e = &known
			}
			w.reach(e, Witnessed)
		}
	}
}

// tellAll reads what has become of every entry that somebody waits for.
func (l *Ledger) tellAll(ctx context.Context) error {
	l.mu.Lock()
	ids := slices.Collect(maps.Keys(l.waiters))
	l.mu.Unlock()
	for _, id := range ids {
		e, err := l.Entry(ctx, id)
		if fault.Is(err, "ledger.unknown_entry") {
			continue // who waits will be told so himself
		}
		if err != nil {
			return err
		}
		if e.Index >= 0 {
			l.tell(e)
		}
	}
	return nil
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
	l.ahead = aheadOf(l.now(), cosigned, l.latest != nil)
	l.latest, l.text = cosigned, text
	l.mu.Unlock()
	if err := l.keepCheckpoint(ctx, text, cosigned); err != nil {
		l.mu.Lock()
		l.text = "" // look again
		l.mu.Unlock()
		return err
	}
	l.point("publish.stored")
	return nil
}

// keepCheckpoint stores a checkpoint that is the first to cover some entry, marks
// those entries witnessed, and lets those go who wait for them. Only entries whose
// index is stored are marked; one that was added and not yet stored is marked when
// the next checkpoint comes or, at the latest, by catchUp.
func (l *Ledger) keepCheckpoint(ctx context.Context, text string, c *policy.Cosigned) error {
	size, at := c.Checkpoint.Size, time.Unix(c.Time, 0).UTC()
	var marked []canonical.Hash
	err := l.store.Write(ctx, l.now(), func(tx *store.Tx) (err error) {
		marked, err = l.markWitnessed(tx, text, size, at)
		return err
	})
	l.mu.Lock()
	unsure := l.unsure
	l.unsure = err != nil // it may have been done all the same
	l.mu.Unlock()
	if err != nil {
		return err
	}
	l.tellWitnessed(marked, size, at)
	if unsure {
		return l.tellAll(ctx)
	}
	return nil
}

// markWitnessed gives the entries that this transaction has marked.
func (l *Ledger) markWitnessed(tx *store.Tx, text string, size int64, at time.Time) ([]canonical.Hash, error) {
	// origin || '' keeps SQLite off the index over (origin, idx), which would have
	// it read the whole log at every checkpoint, and on the one of what waits.
	marked, err := store.Collect(tx, func(scan store.Scan) (h canonical.Hash, err error) {
		var id []byte
		err = scan(&id)
		copy(h[:], id)
		return h, err
	}, `UPDATE ledger_entry SET witnessed_size = $1, witnessed_at = $2
		WHERE witnessed_size IS NULL AND idx IS NOT NULL AND idx < $1 AND origin || '' = $3 RETURNING id`, size, at, l.log.origin)
	if err != nil || len(marked) == 0 {
		return nil, err
	}
	_, err = tx.Exec(`INSERT INTO ledger_checkpoint (origin, size, text, time) VALUES ($1, $2, $3, $4) ON CONFLICT (origin, size) DO NOTHING`,
		l.log.origin, size, text, at)
	return marked, err
}

// catchUp marks entries whose index was stored after the checkpoint that
// covers them had been read.
func (l *Ledger) catchUp(ctx context.Context, lowest int64) error {
	cosigned, text := l.Latest()
	if cosigned == nil || text == "" || lowest >= cosigned.Checkpoint.Size {
		return nil
	}
	return l.keepCheckpoint(ctx, text, cosigned)
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
