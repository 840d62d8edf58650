package follow

import (
	"cmp"
	"context"
	"slices"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/tiles"
	"adamas.example/verify/canonical"
	"adamas.example/verify/pack"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
)

// SnapshotSubject is the subject of an office's words that its packs are whole.
const SnapshotSubject = "snapshot"

// MakePack makes what a verifier carries to judge without a network: this node's
// own log and the given ones, each at its newest witnessed checkpoint, with the
// office's signed word, recorded here, that the selection is whole. Every log
// must stand in the newest root of the chain, whose policy it is held against,
// and must contain what this node has followed of it. The pack is parsed again,
// as its reader will, before it is given out.
//
// Faults: ledger.roots_refused, ledger.log_not_in_root, ledger.not_witnessed,
// ledger.pack_refused (the reader would not take it: the office has no key that
// may sign snapshots, for one; the snapshot then stands recorded, and is of no
// use); those of Followers.Log and of Record.
func (f *Followers) MakePack(ctx context.Context, signer ledger.Signer, office string, now time.Time, roots [][]byte, sources ...*tiles.Source) ([]byte, error) {
	chain, err := trust.ParseChain(roots, canonical.Hash{})
	if err != nil {
		return nil, fault.Invalid("ledger.roots_refused", fault.Because(err))
	}
	own, err := f.ownSource(ctx)
	if err != nil {
		return nil, err
	}
	all := []pack.Source{own}
	for _, src := range sources {
		one, err := f.otherSource(ctx, chain.Current(), src)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b pack.Source) int { return cmp.Compare(originOf(a), originOf(b)) })
	draft, err := pack.Prepare(roots, all)
	if err != nil {
		return nil, fault.Invalid("ledger.pack_refused", fault.Because(err))
	}
	e, err := f.recordSnapshot(ctx, signer, statement.Header{Issuer: office, IssuedAt: now.Unix(), Subject: SnapshotSubject,
		Synthetic: chain.Current().Synthetic}, &draft.Snapshot)
	if err != nil {
		return nil, err
	}
	b, err := draft.Finish(e.Signed)
	if err != nil {
		return nil, err
	}
	if _, err := pack.Parse(b, canonical.Hash{}); err != nil {
		return nil, fault.Invalid("ledger.pack_refused", fault.Because(err))
	}
	return b, nil
}

// originOf reads the first line of a checkpoint that has been parsed before.
func originOf(s pack.Source) string {
	c, err := policy.ParseCheckpoint(s.Checkpoint)
	if err != nil {
		return ""
	}
	return c.Origin
}

// ownSource is the home log at its newest witnessed checkpoint.
func (f *Followers) ownSource(ctx context.Context) (pack.Source, error) {
	cosigned, text := f.ledger.Latest()
	if cosigned == nil {
		return pack.Source{}, fault.Conflict("ledger.not_witnessed", fault.Arg("origin", f.ledger.Log().Origin()))
	}
	leaves, err := f.ledger.Log().Leaves(ctx, 0, cosigned.Checkpoint.Size)
	return pack.Source{Checkpoint: text, Leaves: leaves}, err
}

// otherSource reads another log whole.
func (f *Followers) otherSource(ctx context.Context, root *trust.Root, src *tiles.Source) (s pack.Source, err error) {
	text, err := src.Checkpoint(ctx)
	if err != nil {
		return s, err
	}
	c, err := policy.ParseCheckpoint(text)
	if err != nil {
		return s, fault.NotFound("ledger.no_log_here", fault.Arg("source", src.Name()), fault.Because(err))
	}
	i := slices.IndexFunc(root.Logs, func(x trust.Log) bool { return x.Origin == c.Origin })
	if i < 0 {
		return s, fault.Invalid("ledger.log_not_in_root", fault.Arg("source", src.Name()), fault.Arg("origin", c.Origin))
	}
	pol, err := policy.Parse(root.Logs[i].Policy)
	if err != nil {
		return s, err
	}
	text, found, err := tiles.Trusted(ctx, src, pol)
	if err != nil {
		return s, err
	}
	known, tree, err := f.prove(ctx, src, text, found)
	if err != nil {
		return s, err
	}
	if tree == nil { // behind: a pack must not know less than its maker
		return s, fault.Conflict("ledger.source_behind", fault.Arg("source", src.Name()), fault.Arg("have", found.Checkpoint.Size), fault.Arg("known", known.size))
	}
	s.Checkpoint = text
	return s, tree.Scan(ctx, 0, func(_ int64, entries [][]byte) error {
		s.Leaves = append(s.Leaves, entries...)
		return nil
	})
}

// recordSnapshot records the snapshot as far as signed: it stands in the pack,
// and in the log like any statement soon after. One that a crash left unsigned
// is signed first, since the next must follow it.
func (f *Followers) recordSnapshot(ctx context.Context, signer ledger.Signer, h statement.Header, body *statement.Snapshot) (*ledger.Entry, error) {
	e, err := f.ledger.Record(ctx, signer, h, body, ledger.Signed)
	if !fault.Is(err, "ledger.previous_unsigned") {
		return e, err
	}
	left, err := f.ledger.Unsigned(ctx)
	if err != nil {
		return nil, err
	}
	for _, e := range left {
		if e.Issuer == h.Issuer && e.Subject == h.Subject {
			if _, err := f.ledger.Sign(ctx, e.ID, signer); err != nil {
				return nil, err
			}
		}
	}
	return f.ledger.Record(ctx, signer, h, body, ledger.Signed)
}
