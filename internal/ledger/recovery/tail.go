package recovery

import (
	"context"
	"errors"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"adamas.example/internal/fault"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/tiles"
	"adamas.example/internal/ledger/witness"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
)

// truth is the tree that the log has in the world's eyes, and where what we lack
// of it can be had.
type truth struct {
	size      int64
	root      canonical.Hash
	text      string // the largest checkpoint of it that a quorum has cosigned, if known
	published int64  // what the source itself vouches for
	ours      bool   // all of it is in our database
	source    *tiles.Source
	rootAt    func(ctx context.Context, size int64) (canonical.Hash, error)
	// scan gives its entries from an index on.
	scan func(ctx context.Context, from int64, each func(first int64, leaves [][]byte) error) error
}

// find looks for the tree that holds everything any witness has seen: in the
// source, in our own database, or in our outbox too (the files were lost after
// entries had been appended and before their places were stored).
//
// Faults: recovery.tail_needed, recovery.source_short, and those of tiles.
func (n *Node) find(ctx context.Context, o *own, report witness.Report, from *tiles.Source) (*truth, error) {
	largest, _ := report.Largest()
	t := n.inDatabase(o, o.leaves)
	if from != nil {
		var err error
		if t, err = n.inSource(ctx, o, report.Policy, largest, from); err != nil {
			return nil, err
		}
	}
	if largest.Size <= t.size {
		return t, nil
	}
	if more := largest.Size - o.size(); largest.Checkpoint != nil && more <= int64(len(o.waiting)) {
		leaves := slices.Concat(o.leaves, o.waiting[:more])
		if ledger.RootOf(leaves) == largest.Checkpoint.Root {
			return n.inDatabase(o, leaves), nil
		}
	}
	if from != nil {
		return nil, fault.Conflict("recovery.source_short", fault.Arg("source", from.Name()), fault.Arg("have", t.published),
			fault.Arg("want", largest.Size), fault.Arg("witness", largest.Label))
	}
	return nil, fault.Conflict("recovery.tail_needed", fault.Arg("origin", o.origin), fault.Arg("have", o.size()),
		fault.Arg("want", largest.Size), fault.Arg("witness", largest.Label))
}

// inDatabase is the tree over these leaves, all of which the database has.
func (n *Node) inDatabase(o *own, leaves []tlog.Hash) *truth {
	t := &truth{size: int64(len(leaves)), root: ledger.RootOf(leaves), text: o.text, ours: true}
	t.rootAt = func(_ context.Context, size int64) (canonical.Hash, error) { return ledger.RootOf(leaves[:size]), nil }
	t.scan = func(ctx context.Context, from int64, each func(int64, [][]byte) error) error {
		var waiting [][]byte
		err := n.Store.Read(ctx, n.Now(), func(tx *store.Tx) (err error) {
			waiting, err = store.Collect(tx, func(scan store.Scan) (b []byte, err error) {
				err = scan(&b)
				return b, err
			}, `SELECT signed FROM ledger_entry WHERE origin = $1 AND idx IS NULL AND signed IS NOT NULL ORDER BY seq LIMIT $2`,
				o.origin, int64(len(leaves))-from)
			return err
		})
		if err != nil || len(waiting) == 0 {
			return err
		}
		return each(from, waiting)
	}
	return t
}

// inSource is the source's tree, or ours when it holds the source's.
func (n *Node) inSource(ctx context.Context, o *own, pol *policy.Policy, largest witness.Answer, from *tiles.Source) (*truth, error) {
	text, cosigned, err := tiles.Trusted(ctx, from, pol)
	if err != nil {
		return nil, err
	}
	cp := cosigned.Checkpoint
	if cp.Size < largest.Size && largest.Checkpoint != nil {
		// The folder of a log itself may hold more than was ever published: what one
		// witness has seen, signed by the log, is as good.
		if tree, err := tiles.OpenTree(ctx, from, largest.Checkpoint); err == nil {
			return sourceTruth(from, tree, largest.Checkpoint, ""), nil
		}
	}
	if cp.Size <= o.size() && o.rootAt(cp.Size) == cp.Root {
		t := n.inDatabase(o, o.leaves)
		if o.last == nil || cp.Size > o.last.Size {
			t.text = text
		}
		t.published = cp.Size
		return t, nil
	}
	tree, err := tiles.OpenTree(ctx, from, cp)
	if err != nil {
		return nil, err
	}
	return sourceTruth(from, tree, cp, text), nil
}

func sourceTruth(from *tiles.Source, tree *tiles.Tree, cp *policy.Checkpoint, text string) *truth {
	return &truth{size: cp.Size, published: cp.Size, root: cp.Root, text: text, source: from, rootAt: tree.RootAt, scan: tree.Scan}
}

// agree holds the tree against every checkpoint that anybody has signed: those of
// the witnesses, and our own last one. Fault ledger.log_forked.
func (t *truth) agree(ctx context.Context, o *own, report witness.Report) error {
	known := []*policy.Checkpoint{}
	if o.last != nil {
		known = append(known, o.last)
	}
	for _, a := range report.Answers {
		if a.Err == nil && a.Checkpoint != nil {
			known = append(known, a.Checkpoint)
		}
	}
	for _, c := range known {
		root := c.Root
		var err error
		if c.Size <= t.size {
			root, err = t.rootAt(ctx, c.Size)
		}
		if err != nil {
			return err
		}
		if c.Size > t.size || root != c.Root {
			return fault.Conflict("ledger.log_forked", fault.Arg("origin", o.origin), fault.Arg("known_size", t.size),
				fault.Arg("known_root", t.root.String()), fault.Arg("found_size", c.Size), fault.Arg("found_root", c.Root.String()),
				fault.Because(&fork{found: c}))
		}
	}
	return nil
}

// fork is the cause within a fault ledger.log_forked: the checkpoint that is not
// of the tree.
type fork struct{ found *policy.Checkpoint }

func (f *fork) Error() string { return "another tree is signed:\n" + f.found.String() }

// common is how many entries our database and the tree have in common from the
// beginning.
func (t *truth) common(ctx context.Context, o *own) (int64, error) {
	if t.ours {
		return o.size(), nil
	}
	most := min(o.size(), t.size)
	root, err := t.rootAt(ctx, most)
	if err != nil || root == o.rootAt(most) {
		return most, err
	}
	var from int64
	if o.last != nil {
		from = o.last.Size // agree has compared up to here
	}
	same := from
	err = t.scan(ctx, from, func(first int64, leaves [][]byte) error {
		for i, leaf := range leaves {
			at := first + int64(i)
			if at >= most || tlog.RecordHash(leaf) != o.leaves[at] {
				return errParted
			}
			same = at + 1
		}
		return nil
	})
	if errors.Is(err, errParted) {
		err = nil
	}
	return same, err
}
