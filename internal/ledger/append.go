package ledger

import (
	"context"
	"fmt"
	"time"

	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/proof"
	"adamas.example/verify/statement"
)

// batch bounds how many entries one round appends.
const batch = 1024

// append is the one goroutine that gives leaves to the log, in order of
// signing. It reads what waits from the database, so that what a crash left
// and what is signed now go the same way.
func (l *Ledger) append(ctx context.Context) {
	retry := time.NewTimer(0)
	defer retry.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.kick:
		case <-retry.C:
		}
		for ctx.Err() == nil {
			n, err := l.appendRound(ctx)
			if ctx.Err() != nil {
				return
			}
			l.setFault(err)
			if err != nil {
				l.slog.Error("append to the log", "error", err)
				retry.Reset(time.Second)
			}
			if err != nil || n == 0 {
				break
			}
		}
	}
}

// appendRound appends what is signed and not logged; n is how many.
func (l *Ledger) appendRound(ctx context.Context) (n int, err error) {
	if l.held() != "" {
		return 0, nil
	}
	if l.doubt {
		if err := l.settle(ctx); err != nil {
			return 0, err
		}
		l.doubt = false
	}
	waiting, err := l.unlogged(ctx, batch)
	if err != nil || len(waiting) == 0 {
		return 0, err
	}
	leaves := make([][]byte, len(waiting))
	for i, e := range waiting {
		leaves[i] = e.Signed
	}
	l.doubt = true // until the indexes are stored, some may be in the log unknown to us
	idx, err := l.log.add(ctx, leaves)
	if err != nil {
		return 0, err
	}
	l.point("append.added")
	if err := l.keepIndexes(ctx, waiting, idx); err != nil {
		return 0, err
	}
	l.doubt = false
	l.point("append.stored")
	for _, e := range waiting {
		l.tell(e)
	}
	return len(waiting), l.catchUp(ctx, idx[0])
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

func (l *Ledger) unlogged(ctx context.Context, limit int) (out []*Entry, err error) {
	err = l.store.Read(ctx, l.now(), func(tx *store.Tx) error {
		out, err = store.Collect(tx, scanEntry, `SELECT `+entryColumns+` FROM ledger_entry
			WHERE idx IS NULL AND signed IS NOT NULL AND origin = $1 ORDER BY seq LIMIT $2`, l.log.origin, limit)
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

// Reconcile makes the database say what the log holds: leaves beyond the last
// index the database knows are matched by leaf hash to entries that wait, and
// kept as foreign leaves when nothing waits for them (a database restored
// behind its log). It fails when the log holds less than the database knows:
// then the tiles are lost, and `adamas recover` rebuilds them.
func (l *Ledger) Reconcile(ctx context.Context) error {
	size, err := l.log.Size(ctx)
	if err != nil {
		return err
	}
	known, err := l.known(ctx)
	if err != nil {
		return err
	}
	if known > size {
		return errLogShort(l.log, size, known)
	}
	if known > 0 {
		if err := l.sameLast(ctx, known-1); err != nil {
			return err
		}
	}
	for from := known; from < size; from += batch {
		until := min(from+batch, size)
		leaves, err := l.log.Leaves(ctx, from, until)
		if err != nil {
			return err
		}
		if err := l.keepLeaves(ctx, from, leaves); err != nil {
			return err
		}
	}
	return nil
}

// known is the number of indexes the database has; they have no gaps.
func (l *Ledger) known(ctx context.Context) (n int64, err error) {
	err = l.store.Read(ctx, l.now(), func(tx *store.Tx) error {
		return tx.QueryRow(`SELECT COALESCE(MAX(idx), -1) + 1 FROM ledger_entry WHERE origin = $1`, l.log.origin).Scan(&n)
	})
	return n, err
}

// sameLast refuses a log whose last common leaf is not the database's: the
// folder belongs to another node or another past.
func (l *Ledger) sameLast(ctx context.Context, idx int64) error {
	leaves, err := l.log.Leaves(ctx, idx, idx+1)
	if err != nil {
		return err
	}
	var leaf []byte
	err = l.store.Read(ctx, l.now(), func(tx *store.Tx) error {
		return tx.QueryRow(`SELECT leaf FROM ledger_entry WHERE origin = $1 AND idx = $2`, l.log.origin, idx).Scan(&leaf)
	})
	if err != nil {
		return err
	}
	if h := proof.LeafHash(leaves[0]); string(leaf) != string(h[:]) {
		return errLogOther(l.log, idx)
	}
	return nil
}

func (l *Ledger) keepLeaves(ctx context.Context, from int64, leaves [][]byte) error {
	return l.store.WriteAlone(ctx, l.now(), func(tx *store.Tx) error {
		for i, leaf := range leaves {
			if err := Adopt(tx, l.log.origin, from+int64(i), leaf); err != nil {
				return err
			}
		}
		return nil
	})
}

// Adopt writes into the database what stands in the log at idx: it gives the
// index to the entry that waits with these bytes; or to the one whose bytes were
// to be signed and have been, as the log shows, when this database did not see it
// (a backup was put back); else it keeps the leaf as foreign.
func Adopt(tx *store.Tx, origin string, idx int64, leaf []byte) error {
	h := proof.LeafHash(leaf)
	n, err := tx.Exec(`UPDATE ledger_entry SET idx = $2, logged_at = $3, origin = $4
		WHERE id = (SELECT id FROM ledger_entry WHERE leaf = $1 AND idx IS NULL ORDER BY seq LIMIT 1)`, h, idx, tx.Now(), origin)
	if err != nil || n == 1 {
		return err
	}
	f := foreign(origin, idx, leaf)
	n, err = tx.Exec(`UPDATE ledger_entry SET signed = $2, payload = NULL, hash = $3, leaf = $4, idx = $5, origin = $6, signed_at = $7, logged_at = $7,
		seq = (SELECT COALESCE(MAX(seq), 0) + 1 FROM ledger_entry) WHERE id = $1 AND signed IS NULL`,
		f.payload, leaf, canonical.Sum(leaf), h, idx, origin, tx.Now())
	if err != nil || n == 1 {
		return err
	}
	_, err = tx.Exec(`INSERT INTO ledger_entry (id, n, seq, type, issuer, subject, prev, algorithm, key_id, signed, hash, leaf, origin, idx,
		prepared_at, signed_at, logged_at, foreign_leaf) VALUES ($1, (SELECT COALESCE(MAX(n), 0) + 1 FROM ledger_entry),
		(SELECT COALESCE(MAX(seq), 0) + 1 FROM ledger_entry), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $13, 1)`,
		f.id, f.h.Type, f.h.Issuer, f.h.Subject, f.h.Prev, int64(f.alg), f.key, leaf, canonical.Sum(leaf), h, origin, idx, tx.Now())
	return err
}

type foreignLeaf struct {
	id      canonical.Hash
	payload canonical.Hash // zero for a leaf that is no statement
	h       statement.Header
	alg     statement.Algorithm
	key     statement.KeyID
}

// foreign describes a leaf that this database did not make. Its id is of its
// place, since the same leaf may stand twice.
func foreign(origin string, idx int64, leaf []byte) foreignLeaf {
	f := foreignLeaf{id: canonical.Sum(fmt.Appendf(nil, "adamas foreign leaf\n%s\n%d\n", origin, idx))}
	if st, err := statement.Parse(leaf); err == nil {
		f.h, f.alg, f.key, f.payload = st.Header, st.Signed.Algorithm, st.Signed.KeyID, canonical.Sum(st.Signed.Payload)
	}
	return f
}
