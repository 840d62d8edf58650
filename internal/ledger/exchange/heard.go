package exchange

import (
	"context"
	"errors"

	"adamas.example/internal/fault"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
)

// Heard is the follower that keeps what other logs say of keys and of their own
// end. What this node's own log says is read from the ledger, where its place in
// the log is known.
func Heard() follow.Follower { return heard{} }

type heard struct{}

// Name is the follower's for ever.
func (heard) Name() string { return "ledger.heard" }

// Reset empties the view.
func (heard) Reset(tx *store.Tx) error {
	_, err := tx.Exec(`DELETE FROM ledger_heard`)
	return err
}

// heardTypes are what a directory of keys is made of, and where logs go on.
var heardTypes = []statement.Type{statement.TypeOfficeKey, statement.TypeKeyRevoked, statement.TypeLogClosed}

// Apply keeps one entry.
func (heard) Apply(tx *store.Tx, e follow.Followed) error {
	if e.Own || e.Statement == nil {
		return nil
	}
	for _, t := range heardTypes {
		if e.Statement.Type != t {
			continue
		}
		_, err := tx.Exec(`INSERT INTO ledger_heard (origin, idx, type, statement) VALUES ($1, $2, $3, $4)`, e.Origin, e.Index, t, e.Bytes)
		return err
	}
	return nil
}

// counted is how much a directory was made from: statements are never removed, but
// by a Reset, which brings them all again.
type counted struct{ roots, own, heard int64 }

// Directory is whom this node believes now: the root documents in its folder, the
// statements about keys in its own log and in those it follows. Faults: those of
// Config.Roots; ledger.roots_refused.
func (o *Office) Directory(ctx context.Context) (*trust.Directory, error) {
	roots, err := o.cfg.Roots()
	if err != nil {
		return nil, err
	}
	o.known.Lock()
	defer o.known.Unlock()
	var now counted
	var entries []trust.Entry
	err = o.store.Read(ctx, o.cfg.Now(), func(tx *store.Tx) (err error) {
		now, entries = counted{roots: int64(len(roots))}, nil
		err = tx.QueryRow(`SELECT (SELECT COUNT(*) FROM ledger_entry WHERE type IN ($1, $2) AND idx IS NOT NULL), (SELECT COUNT(*) FROM ledger_heard)`,
			statement.TypeOfficeKey, statement.TypeKeyRevoked).Scan(&now.own, &now.heard)
		if err != nil || o.directory != nil && now == o.counted {
			return err
		}
		entries, err = o.entries(tx)
		return err
	})
	if err != nil || o.directory != nil && now == o.counted {
		return o.directory, err
	}
	chain, err := trust.ParseChain(roots, canonical.Hash{})
	if err != nil {
		return nil, fault.Invalid("ledger.roots_refused", fault.Because(err))
	}
	d, err := trust.NewDirectory(chain, entries)
	if err != nil {
		return nil, fault.Invalid("ledger.roots_refused", fault.Because(err))
	}
	o.directory, o.counted = d, now
	return d, nil
}

// entries lists the statements about keys with their places.
func (o *Office) entries(tx *store.Tx) (out []trust.Entry, err error) {
	for _, t := range []statement.Type{statement.TypeOfficeKey, statement.TypeKeyRevoked} {
		own, err := ledger.Said(tx, t)
		if err != nil {
			return nil, err
		}
		for _, e := range own {
			if e.Index < 0 {
				continue // in no log yet: nobody else could know of it
			}
			st, err := statement.Parse(e.Signed)
			if err != nil {
				return nil, err
			}
			out = append(out, trust.Entry{Origin: e.Origin, Index: uint64(e.Index), Statement: st})
		}
	}
	others, err := heardOf(tx, statement.TypeOfficeKey, statement.TypeKeyRevoked)
	return append(out, others...), err
}

func heardOf(tx *store.Tx, one, other statement.Type) ([]trust.Entry, error) {
	return store.Collect(tx, func(scan store.Scan) (e trust.Entry, err error) {
		var b []byte
		if err := scan(&e.Origin, &e.Index, &b); err != nil {
			return e, err
		}
		e.Statement, err = statement.Parse(b)
		return e, err
	}, `SELECT origin, idx, statement FROM ledger_heard WHERE type IN ($1, $2) ORDER BY origin, idx`, one, other)
}

// Ended is a log that has ended, by the word of an office that may say so, and
// where the office goes on.
type Ended struct {
	Origin    string
	Size      uint64 // entries that count
	Successor string
	Office    string
}

// Ended lists the logs of others that are known to have ended.
func (o *Office) Ended(ctx context.Context) (out []Ended, err error) {
	d, err := o.Directory(ctx)
	if err != nil {
		return nil, err
	}
	var closings []trust.Entry
	err = o.store.Read(ctx, o.cfg.Now(), func(tx *store.Tx) error {
		closings, err = heardOf(tx, statement.TypeLogClosed, statement.TypeLogClosed)
		return err
	})
	for _, e := range closings {
		if _, bad := d.Signer(e.Statement, nil); bad != nil && !errors.Is(bad, trust.ErrRevoked) && !errors.Is(bad, trust.ErrKeyTime) {
			continue
		}
		body := e.Statement.Body.(*statement.LogClosed)
		out = append(out, Ended{Origin: body.At.Origin, Size: body.At.Size, Successor: body.Successor, Office: e.Statement.Issuer})
	}
	return out, err
}
