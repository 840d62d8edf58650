package ledger

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/proof"
	"adamas.example/verify/statement"
)

// Closing says how an office leaves a log (design.md §6).
type Closing struct {
	Signer    Signer // the office's
	Office    string
	Successor string           // origin of the log in which it goes on
	At        statement.Vector // what of the old log counts; filled in by CloseLog
	Reason    string
	Synthetic bool
}

// CloseLog ends a log that can still be appended to: its last statement says so,
// and once that is witnessed nothing else is appended. When ctx ends before, the
// log is open still, and a second call goes on with the same statement.
func (l *Ledger) CloseLog(ctx context.Context, c Closing) (*Entry, error) {
	c.At = statement.Vector{Origin: l.log.origin, Root: canonical.Sum(nil)}
	if cosigned, _ := l.Latest(); cosigned != nil {
		c.At.Size, c.At.Root = uint64(cosigned.Checkpoint.Size), cosigned.Checkpoint.Root
	}
	e, err := l.recordClosing(ctx, c, Witnessed)
	if err != nil {
		return e, err
	}
	err = l.store.Write(ctx, l.now(), func(tx *store.Tx) error { return End(tx, l.log.origin, c.Successor) })
	if err == nil {
		err = l.readHold(ctx)
	}
	return e, err
}

// Succeed makes this log, in which nothing stands yet, the successor of one that
// could not say itself that it ends: the first statement here says it. What
// waited for the old log is then appended to this one. It may be called again.
func (l *Ledger) Succeed(ctx context.Context, c Closing) (*Entry, error) {
	c.Successor = l.log.origin
	e, err := l.recordClosing(ctx, c, Logged)
	if err != nil {
		return e, err
	}
	err = l.store.Write(ctx, l.now(), func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE ledger_entry SET origin = $2 WHERE origin = $1 AND idx IS NULL`, c.At.Origin, l.log.origin)
		return err
	})
	l.wake()
	return e, err
}

// recordClosing makes the statement once, whatever cut off an earlier call.
func (l *Ledger) recordClosing(ctx context.Context, c Closing, want State) (*Entry, error) {
	subject := "log/" + c.At.Origin
	var begun []*Entry
	err := l.store.Read(ctx, l.now(), func(tx *store.Tx) (err error) {
		begun, err = store.Collect(tx, scanEntry, `SELECT `+entryColumns+` FROM ledger_entry
			WHERE type = $1 AND issuer = $2 AND subject = $3 AND origin = $4 AND foreign_leaf = 0 ORDER BY n DESC LIMIT 1`,
			statement.TypeLogClosed, c.Office, subject, l.log.origin)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(begun) == 0 {
		return l.Record(ctx, c.Signer, statement.Header{Issuer: c.Office, IssuedAt: l.now().Unix(), Subject: subject, Synthetic: c.Synthetic},
			&statement.LogClosed{At: c.At, Successor: c.Successor, Reason: c.Reason}, want)
	}
	if _, err := l.Sign(ctx, begun[0].ID, c.Signer); err != nil {
		return begun[0], err
	}
	return l.Await(ctx, begun[0].ID, want)
}

// RootOf is RFC 6962's tree hash over leaf hashes.
func RootOf(leaves []tlog.Hash) canonical.Hash {
	switch len(leaves) {
	case 0:
		return canonical.Sum(nil)
	case 1:
		return canonical.Hash(leaves[0])
	}
	k := split(len(leaves))
	return canonical.Hash(tlog.NodeHash(tlog.Hash(RootOf(leaves[:k])), tlog.Hash(RootOf(leaves[k:]))))
}

// split is the largest power of two below n (RFC 6962 section 2.1).
func split(n int) int {
	k := 1
	for k*2 < n {
		k *= 2
	}
	return k
}

// pathOf is the inclusion path of leaf i, from below.
func pathOf(leaves []tlog.Hash, i int) []canonical.Hash {
	if len(leaves) == 1 {
		return nil
	}
	k := split(len(leaves))
	if i < k {
		return append(pathOf(leaves[:k], i), RootOf(leaves[k:]))
	}
	return append(pathOf(leaves[k:], i-k), RootOf(leaves[:k]))
}

// proofFromDatabase proves an entry of a log that is not open: one that was
// closed. It needs no file of it.
func (l *Ledger) proofFromDatabase(ctx context.Context, e *Entry, checkpoint string) (*proof.Proof, error) {
	var leaves []tlog.Hash
	err := l.store.Read(ctx, l.now(), func(tx *store.Tx) (err error) {
		leaves, err = store.Collect(tx, func(scan store.Scan) (h tlog.Hash, err error) {
			var b []byte
			err = scan(&b)
			copy(h[:], b)
			return h, err
		}, `SELECT leaf FROM ledger_entry WHERE origin = $1 AND idx < $2 ORDER BY idx`, e.Origin, e.WitnessedSize)
		return err
	})
	if err != nil {
		return nil, err
	}
	if int64(len(leaves)) != e.WitnessedSize {
		return nil, fmt.Errorf("ledger: the database has %d of the first %d entries of %s", len(leaves), e.WitnessedSize, e.Origin)
	}
	return proof.New(e.Index, pathOf(leaves, int(e.Index)), checkpoint)
}
