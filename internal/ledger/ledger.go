package ledger

import (
	"context"
	"embed"
	"errors"
	"log/slog"
	"sync"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
)

//go:embed schema
var schema embed.FS

// Schema is the ledger's tables, for store.Migrate.
func Schema() store.Schema { return store.Schema{Module: "ledger", Files: schema} }

// Signer signs statements with one key; keyring makes them.
type Signer interface {
	Key() statement.Key
	Sign(ctx context.Context, u *statement.Unsigned) ([]byte, error)
}

// Config is what a Ledger needs. Store and Log stay the caller's to close,
// after Close.
type Config struct {
	Store *store.Store
	Log   *Log
	Now   func() time.Time // the process's one clock
	Slog  *slog.Logger
	// Clock is how far Now may be from what witnesses' clocks have shown; the zero
	// Clock is not asked.
	Clock Clock
	// Point is called at the named points of the order of acts; tests kill the
	// process there. Nil in production.
	Point func(name string)
}

// Ledger is a node's outbox, its log and what it knows of it.
type Ledger struct {
	store *store.Store
	log   *Log
	now   func() time.Time
	slog  *slog.Logger
	point func(string)
	clock Clock

	kick chan struct{} // something new is signed; capacity 1

	// doubt is the appending goroutine's own: something may have been given to the
	// log whose index is not stored, so Reconcile comes before the next leaf.
	doubt bool
	stop  context.CancelFunc
	done  sync.WaitGroup

	mu      sync.Mutex
	waiters map[canonical.Hash][]*waiter // by entry ID
	latest  *policy.Cosigned             // last published checkpoint that satisfied the policy
	text    string                       // and its text; "" to look again
	ahead   time.Duration                // our clock before the witnesses', when the latest was seen new
	unsure  bool                         // whether the last marking was done: its commit gave an error
	hold    string                       // why nothing is appended; "" to go on
	fault   error                        // last error of the worker or watcher, nil when all is well
}

// Open starts the ledger: it finishes what a crash left between the acts, then
// appends and watches in the background until Close.
func Open(ctx context.Context, cfg Config) (*Ledger, error) {
	l := &Ledger{store: cfg.Store, log: cfg.Log, now: cfg.Now, slog: logger(cfg.Slog), point: cfg.Point, clock: cfg.Clock,
		kick: make(chan struct{}, 1), waiters: map[canonical.Hash][]*waiter{}}
	if l.point == nil {
		l.point = func(string) {}
	}
	if err := l.Reconcile(ctx); err != nil {
		return nil, err
	}
	if err := l.readHold(ctx); err != nil { // opens the gate, so not before
		return nil, err
	}
	if err := l.readCheckpoint(ctx); err != nil {
		return nil, err
	}
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	l.stop = stop
	l.done.Go(func() { l.append(run) })
	l.done.Go(func() { l.watch(run) })
	l.done.Go(func() { l.ask(run) })
	l.wake()
	return l, nil
}

// Close stops the background work. What is signed and not yet appended is
// appended by the next Open.
func (l *Ledger) Close() {
	l.stop()
	l.done.Wait()
}

func (l *Ledger) wake() {
	select {
	case l.kick <- struct{}{}:
	default:
	}
}

// Store is the ledger's store.
func (l *Ledger) Store() *store.Store { return l.store }

// Log is the node's home log.
func (l *Ledger) Log() *Log { return l.log }

// Health is what a status page shows of the log.
type Health struct {
	Hold      string // why nothing is appended; "" when it is
	Fault     error  // last error in the background; nil when all is well
	Size      int64
	Witnessed int64     // size of the last checkpoint that satisfied the policy
	Time      time.Time // oldest time of its quorum; zero before the first
	Witnesses map[string]time.Time
	Prepared  int64 // entries in each state before Witnessed
	Signed    int64
	Logged    int64
}

// Health reads the present state.
func (l *Ledger) Health(ctx context.Context) (Health, error) {
	var h Health
	err := l.store.Read(ctx, l.now(), func(tx *store.Tx) error {
		return tx.QueryRow(`SELECT
			(SELECT COUNT(*) FROM ledger_entry WHERE signed IS NULL),
			(SELECT COUNT(*) FROM ledger_entry WHERE idx IS NULL AND signed IS NOT NULL),
			(SELECT COUNT(*) FROM ledger_entry WHERE witnessed_size IS NULL AND idx IS NOT NULL)`).
			Scan(&h.Prepared, &h.Signed, &h.Logged)
	})
	if err != nil {
		return h, err
	}
	if h.Size, err = l.log.Size(ctx); err != nil {
		return h, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	h.Hold, h.Fault = l.hold, l.fault
	if l.latest != nil {
		h.Witnessed, h.Time = l.latest.Checkpoint.Size, time.Unix(l.latest.Time, 0).UTC()
		h.Witnesses = map[string]time.Time{}
		for label, t := range l.latest.Witnesses {
			h.Witnesses[label] = time.Unix(t, 0).UTC()
		}
	}
	return h, nil
}

// Latest is the last published checkpoint that satisfied the policy, and its
// text; nil before the first.
func (l *Ledger) Latest() (*policy.Cosigned, string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.latest, l.text
}

// Entry gives the entry whose payload hash or statement hash is h. Fault
// ledger.unknown_entry.
func (l *Ledger) Entry(ctx context.Context, h canonical.Hash) (e *Entry, err error) {
	err = l.store.Read(ctx, l.now(), func(tx *store.Tx) error {
		e, err = entryBy(tx, h)
		return err
	})
	return e, err
}

func entryBy(tx *store.Tx, h canonical.Hash) (*Entry, error) {
	rows, err := store.Collect(tx, scanEntry,
		`SELECT `+entryColumns+` FROM ledger_entry WHERE id = $1 OR hash = $1 ORDER BY COALESCE(idx, 9223372036854775807) LIMIT 1`, h)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, fault.NotFound("ledger.unknown_entry", fault.Arg("hash", h.String()))
	}
	return rows[0], nil
}

// Unsigned lists entries whose signing was cut off by a crash, in order of
// intention. Their owner signs them again, or they stay and show as a gap. What
// was intended before a backup was put back is not among them: see Sign.
func (l *Ledger) Unsigned(ctx context.Context) (out []*Entry, err error) {
	err = l.store.Read(ctx, l.now(), func(tx *store.Tx) error {
		g, err := Generation(tx)
		if err != nil {
			return err
		}
		out, err = store.Collect(tx, scanEntry, `SELECT `+entryColumns+` FROM ledger_entry WHERE signed IS NULL AND generation = $1 ORDER BY n`, g)
		return err
	})
	return out, err
}

// Found lists entries of a type that this database did not make and found in its
// log: what the days did that a restored backup has lost.
func Found(tx *store.Tx, t statement.Type) ([]*Entry, error) {
	return store.Collect(tx, scanEntry, `SELECT `+entryColumns+` FROM ledger_entry WHERE foreign_leaf = 1 AND type = $1 ORDER BY seq`, t)
}

// errNoPlace means a log index is claimed twice: the database and the log have
// parted, which no ordinary failure causes.
var errNoPlace = errors.New("ledger: database and log disagree about an index")

// Newest lists the last entries that were signed here or found in the log,
// newest first.
func (l *Ledger) Newest(ctx context.Context, limit int) (out []*Entry, err error) {
	err = l.store.Read(ctx, l.now(), func(tx *store.Tx) error {
		out, err = store.Collect(tx, scanEntry, `SELECT `+entryColumns+` FROM ledger_entry WHERE seq IS NOT NULL ORDER BY seq DESC LIMIT $1`, limit)
		return err
	})
	return out, err
}
