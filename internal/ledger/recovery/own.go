package recovery

import (
	"context"
	"errors"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"adamas.example/internal/fault"
	"adamas.example/internal/ledger"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
)

// Node is a node's record while no Ledger is open on it: its database and where
// its log's files are.
type Node struct {
	Store *store.Store
	Log   ledger.LogConfig
	Now   func() time.Time
	// Progress, if not nil, is told how many entries are done.
	Progress func(done, total int64)
}

// own is what the database knows of the log.
type own struct {
	origin  string
	hold    string
	leaves  []tlog.Hash // of the entries, by index
	waiting []tlog.Hash // of what is signed and has no index, in order of signing

	last *policy.Checkpoint // the largest that was witnessed; nil when none was
	text string             // the same as text
}

func (o *own) size() int64 { return int64(len(o.leaves)) }

// rootAt is the tree hash at a size up to o.size.
func (o *own) rootAt(size int64) canonical.Hash { return ledger.RootOf(o.leaves[:size]) }

// read reads what the database knows, and holds it against the last checkpoint
// that it says was witnessed. Fault recovery.database_differs.
func (n *Node) read(ctx context.Context, origin string) (*own, error) {
	o := &own{origin: origin}
	err := n.Store.Read(ctx, n.Now(), func(tx *store.Tx) (err error) {
		o.leaves, o.waiting, o.last, o.text = nil, nil, nil, ""
		if o.hold, err = ledger.HoldOf(tx, origin); err != nil {
			return err
		}
		gap, next := false, int64(0)
		o.leaves, err = store.Collect(tx, func(scan store.Scan) (tlog.Hash, error) {
			var idx int64
			h, err := scanLeaf(scan, &idx)
			gap, next = gap || idx != next, next+1
			return h, err
		}, `SELECT leaf, idx FROM ledger_entry WHERE origin = $1 AND idx IS NOT NULL ORDER BY idx`, origin)
		if err == nil && gap {
			err = fault.Corrupt("recovery.database_differs", fault.Arg("origin", origin), fault.Because(errors.New("an index is missing")))
		}
		if err != nil {
			return err
		}
		o.waiting, err = store.Collect(tx, func(scan store.Scan) (tlog.Hash, error) { return scanLeaf(scan) },
			`SELECT leaf FROM ledger_entry WHERE origin = $1 AND idx IS NULL AND signed IS NOT NULL ORDER BY seq`, origin)
		if err != nil {
			return err
		}
		err = tx.QueryRow(`SELECT text FROM ledger_checkpoint WHERE origin = $1 ORDER BY size DESC LIMIT 1`, origin).Scan(&o.text)
		if errors.Is(err, store.ErrNoRows) {
			return nil
		}
		return err
	})
	if err != nil || o.text == "" {
		return o, err
	}
	if o.last, err = policy.ParseCheckpoint(o.text); err != nil {
		return nil, err
	}
	if o.last.Size > o.size() || o.rootAt(o.last.Size) != o.last.Root {
		return nil, fault.Corrupt("recovery.database_differs", fault.Arg("origin", origin),
			fault.Because(errors.New("its entries do not have the root that was witnessed")))
	}
	return o, nil
}

func scanLeaf(scan store.Scan, more ...any) (h tlog.Hash, err error) {
	var b []byte
	err = scan(append([]any{&b}, more...)...)
	copy(h[:], b)
	return h, err
}

func (n *Node) tell(done, total int64) {
	if n.Progress != nil {
		n.Progress(done, total)
	}
}
