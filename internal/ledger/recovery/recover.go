package recovery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/tiles"
	"adamas.example/internal/ledger/witness"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
)

// errParted: from here on our entries are others than the log's.
var errParted = errors.New("parted")

// Recovered is what Recover has done, or would do.
type Recovered struct {
	Origin string         `json:"origin"`
	Hold   string         `json:"hold"` // why the log was on hold; "" when it was not
	Report witness.Report `json:"-"`
	Had    int64          `json:"had"`   // entries in the database before
	Size   int64          `json:"size"`  // and after
	Found  int64          `json:"found"` // entries that others had kept and we had not
	// Again is how many entries of ours stood where the log has others: they get
	// new places at its end.
	Again int64 `json:"again"`
	// Clashes are subjects of which the log now holds, or will hold, two statements
	// that each claim to follow the same one: a number used twice. Their office
	// must void one.
	Clashes []string         `json:"clashes"`
	Rebuilt bool             `json:"rebuilt"` // the files are made anew
	Aside   string           `json:"aside"`   // where the old files are; "" when there were none
	Missing []statement.Blob `json:"missing"` // attached files that the source did not have
	Applied bool             `json:"applied"`
}

// Recover brings database and files up to the log that the witnesses know, and
// lifts the hold. from is a mirror of the log, by address or folder, or an old
// folder of the log itself; nil when nothing is missing, or to be told what is.
// Without apply nothing is written.
//
// Faults: recovery.closed, recovery.witnesses_silent, recovery.tail_needed,
// recovery.source_short, recovery.database_differs, ledger.log_forked (kept as
// evidence), and those of reading the source.
func (n *Node) Recover(ctx context.Context, from *tiles.Source, apply bool) (*Recovered, error) {
	pol, err := policy.Parse(n.Log.Policy)
	if err != nil {
		return nil, err
	}
	o, err := n.read(ctx, pol.Log.Name)
	if err != nil {
		return nil, err
	}
	out := &Recovered{Origin: o.origin, Hold: o.hold, Had: o.size(), Applied: apply}
	if o.hold == ledger.HoldClosed {
		return out, fault.Conflict("recovery.closed", fault.Arg("origin", o.origin))
	}
	if out.Report, err = witness.Ask(ctx, n.Log.Signer, pol, n.Log.HTTP); err != nil {
		return out, err
	}
	if !out.Report.Binding() {
		return out, fault.Unavailable("recovery.witnesses_silent", fault.Arg("silent", strings.Join(out.Report.Silent(), ", ")))
	}
	t, err := n.find(ctx, o, out.Report, from)
	if err != nil {
		return out, err
	}
	if err := t.agree(ctx, o, out.Report); err != nil {
		return out, errors.Join(err, n.keepFork(ctx, o, err, apply))
	}
	same, err := t.common(ctx, o)
	if err != nil {
		return out, err
	}
	out.Size, out.Found, out.Again = t.size, t.size-same, o.size()-same
	if t.ours {
		out.Found = 0
	}
	if !apply {
		out.Rebuilt = !n.holds(ctx, t)
		return out, nil
	}
	return out, n.carryOut(ctx, o, t, same, out)
}

// carryOut writes: database, files, hold, in this order.
func (n *Node) carryOut(ctx context.Context, o *own, t *truth, same int64, out *Recovered) error {
	if err := n.giveWay(ctx, o, same, out); err != nil {
		return err
	}
	err := t.scan(ctx, same, func(first int64, leaves [][]byte) error {
		n.tell(first-same, t.size-same)
		return n.Store.WriteAlone(ctx, n.Now(), func(tx *store.Tx) error {
			for i, leaf := range leaves {
				if err := ledger.Adopt(tx, o.origin, first+int64(i), leaf); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	if out.Clashes, err = n.clashes(ctx, o.origin, same); err != nil {
		return err
	}
	if !n.holds(ctx, t) {
		out.Rebuilt = true
		if out.Aside, err = n.rebuild(ctx, o.origin, t.size, t.root, cmp.Or(t.text, o.text)); err != nil {
			return err
		}
	}
	if t.source != nil {
		if out.Missing, err = n.copyBlobs(ctx, o.origin, same, t.source); err != nil {
			return err
		}
	}
	return n.Store.Write(ctx, n.Now(), func(tx *store.Tx) error {
		if o.hold == ledger.HoldRestored || out.Found > 0 {
			if err := ledger.Burn(tx); err != nil {
				return err
			}
		}
		return ledger.Hold(tx, "")
	})
}

// giveWay takes their places from entries of ours that stand where the log has
// others, and keeps everything on hold until the end, whatever happens.
func (n *Node) giveWay(ctx context.Context, o *own, same int64, out *Recovered) error {
	return n.Store.WriteAlone(ctx, n.Now(), func(tx *store.Tx) error {
		if _, err := tx.Exec(`UPDATE ledger_entry SET idx = NULL, logged_at = NULL, witnessed_size = NULL, witnessed_at = NULL
			WHERE origin = $1 AND idx >= $2`, o.origin, same); err != nil {
			return err
		}
		switch {
		case out.Found > 0 && o.hold != ledger.HoldRestored:
			// Days were lost and nobody has said so: a folder was copied back.
			return ledger.MarkRestored(tx)
		case o.hold == "":
			return ledger.Hold(tx, ledger.HoldBehind)
		}
		return nil
	})
}

// clashes lists subjects with two statements of one issuer after the same one,
// among the entries from an index on and those that wait for a place.
func (n *Node) clashes(ctx context.Context, origin string, from int64) (out []string, err error) {
	err = n.Store.Read(ctx, n.Now(), func(tx *store.Tx) error {
		out, err = store.Collect(tx, func(scan store.Scan) (s string, err error) {
			err = scan(&s)
			return s, err
		}, `SELECT DISTINCT a.subject FROM ledger_entry a JOIN ledger_entry b
			ON b.issuer = a.issuer AND b.subject = a.subject AND b.prev = a.prev AND b.foreign_leaf = 0 AND b.hash <> a.hash
			WHERE a.foreign_leaf = 1 AND a.origin = $1 AND a.idx >= $2 AND a.subject <> '' ORDER BY a.subject`, origin, from)
		return err
	})
	return out, err
}

// copyBlobs brings the attached files that entries from an index on name, and
// lists those that are not to be had.
func (n *Node) copyBlobs(ctx context.Context, origin string, from int64, src *tiles.Source) (missing []statement.Blob, err error) {
	here := tiles.OpenBlobs(n.Log.Dir)
	for {
		leaves, err := n.signed(ctx, origin, from, from+batch)
		if err != nil || len(leaves) == 0 {
			return missing, err
		}
		from += int64(len(leaves))
		for _, leaf := range leaves {
			st, err := statement.Parse(leaf)
			if err != nil || st.Blob == nil || here.Has(*st.Blob) {
				continue
			}
			if err := here.Copy(ctx, src, *st.Blob); err != nil {
				if fault.Is(err, "ledger.cannot_write") || ctx.Err() != nil {
					return missing, err
				}
				missing = append(missing, *st.Blob)
			}
		}
	}
}

// keepFork keeps the evidence when err says that the log was forked, and the log
// on hold.
func (n *Node) keepFork(ctx context.Context, o *own, err error, apply bool) error {
	var f *fork
	if !apply || !errors.As(err, &f) {
		return nil
	}
	return n.Store.Write(ctx, n.Now(), func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO ledger_fork (origin, size, root, known, found, found_at) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (origin, size, root) DO NOTHING`, o.origin, f.found.Size, f.found.Root, o.text, f.found.String(), tx.Now())
		if err != nil {
			return err
		}
		return ledger.Hold(tx, ledger.HoldForked)
	})
}

// CloseLog gives a log up whose tail nobody has: nothing is appended to it any
// more, and its office goes on in successor, where its first statement says so
// (ledger.Ledger.Succeed). It gives the point of the old log that counts: the
// largest that is signed, by what the witnesses show now and by our own record.
// Without apply nothing is written.
func (n *Node) CloseLog(ctx context.Context, successor string, apply bool) (statement.Vector, error) {
	pol, err := policy.Parse(n.Log.Policy)
	if err != nil {
		return statement.Vector{}, err
	}
	origin := pol.Log.Name
	if successor == origin || successor == "" {
		return statement.Vector{}, fault.Usage("recovery.successor", fault.Arg("origin", origin))
	}
	at := statement.Vector{Origin: origin, Root: canonical.Sum(nil)}
	o, err := n.read(ctx, origin)
	if err != nil && !fault.Is(err, "recovery.database_differs") {
		return at, err
	}
	asking, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	report, err := witness.Ask(asking, n.Log.Signer, pol, n.Log.HTTP)
	if err != nil && ctx.Err() != nil {
		return at, err
	}
	if o != nil && o.last != nil {
		at.Size, at.Root = uint64(o.last.Size), o.last.Root
	}
	for _, a := range report.Answers {
		if a.Err == nil && a.Checkpoint != nil && uint64(a.Size) > at.Size {
			at.Size, at.Root = uint64(a.Size), a.Checkpoint.Root
		}
	}
	if !apply {
		return at, nil
	}
	return at, n.Store.Write(ctx, n.Now(), func(tx *store.Tx) error {
		before, err := ledger.Successor(tx, origin)
		if err != nil {
			return err
		}
		if before != "" {
			if before != successor {
				return fault.Conflict("recovery.closed_for", fault.Arg("origin", origin), fault.Arg("successor", before))
			}
			return nil
		}
		if err := ledger.MarkRestored(tx); err != nil { // days are lost: numbers are burnt
			return fmt.Errorf("recovery: close %s: %w", origin, err)
		}
		if err := ledger.Hold(tx, ""); err != nil {
			return err
		}
		return ledger.End(tx, origin, successor)
	})
}

// closeTimeout bounds how long a log that is being given up waits for witnesses.
const closeTimeout = 20 * time.Second
