package ledger

import (
	"context"
	"fmt"

	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/proof"
	"adamas.example/verify/statement"
)

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
