package follow

import (
	"bytes"
	"cmp"
	"context"
	"io"
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

// PackOrder is what a pack is to be made of.
type PackOrder struct {
	Signer  ledger.Signer // of the office that counts it
	Office  string
	Now     time.Time
	Roots   [][]byte
	Sources []*tiles.Source            // logs beside this node's own
	Spool   func() (pack.Spool, error) // where to put aside what was selected; nil: in memory
}

// MakePack is WritePack for packs that fit into memory.
func (f *Followers) MakePack(ctx context.Context, signer ledger.Signer, office string, now time.Time, roots [][]byte, sources ...*tiles.Source) ([]byte, error) {
	var out bytes.Buffer
	_, err := f.WritePack(ctx, &out, PackOrder{Signer: signer, Office: office, Now: now, Roots: roots, Sources: sources})
	return out.Bytes(), err
}

// WritePack makes what a verifier carries to judge without a network: this node's
// own log and the given ones, each at its newest witnessed checkpoint with the
// earlier ones that this node has kept, and with the office's signed word, recorded
// here, that the selection is whole. Every log must stand in the newest root of the
// chain, whose policy it is held against, and must contain what this node has
// followed of it. Logs are read entry by entry. The pack is held to what its reader
// will hold it to before anything is written.
//
// Faults: ledger.roots_refused, ledger.log_not_in_root, ledger.not_witnessed,
// ledger.pack_refused (the reader would not take it: the office has no key that
// may sign snapshots, for one; the snapshot then stands recorded, and is of no
// use); those of Followers.Log and of Record.
func (f *Followers) WritePack(ctx context.Context, w io.Writer, o PackOrder) (*pack.Draft, error) {
	chain, err := trust.ParseChain(o.Roots, canonical.Hash{})
	if err != nil {
		return nil, fault.Invalid("ledger.roots_refused", fault.Because(err))
	}
	own, err := f.ownSource(ctx, chain)
	if err != nil {
		return nil, err
	}
	all := []pack.Source{own}
	for _, src := range o.Sources {
		one, err := f.otherSource(ctx, chain, src)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b pack.Source) int { return cmp.Compare(originOf(a), originOf(b)) })
	if o.Spool == nil {
		o.Spool = func() (pack.Spool, error) { return new(pack.Memory), nil }
	}
	draft, err := pack.PrepareIn(o.Roots, all, o.Spool)
	if _, told := fault.Of(err); told || ctx.Err() != nil {
		return nil, err
	}
	if err != nil {
		return nil, fault.Invalid("ledger.pack_refused", fault.Because(err))
	}
	e, err := f.recordSnapshot(ctx, o.Signer, statement.Header{Issuer: o.Office, IssuedAt: o.Now.Unix(), Subject: SnapshotSubject,
		Synthetic: chain.Current().Synthetic}, &draft.Snapshot)
	if err != nil {
		return nil, err
	}
	if err := draft.Check(e.Signed); err != nil {
		return nil, fault.Invalid("ledger.pack_refused", fault.Because(err))
	}
	return draft, draft.Write(w, e.Signed)
}

// originOf reads the first line of a checkpoint that has been parsed before.
func originOf(s pack.Source) string {
	c, err := policy.ParseCheckpoint(s.Checkpoint)
	if err != nil {
		return ""
	}
	return c.Origin
}

// atOnce is how many entries of the home log are read at a time.
const atOnce = 16 * 256

// ownSource is the home log at its newest witnessed checkpoint.
func (f *Followers) ownSource(ctx context.Context, chain *trust.Chain) (pack.Source, error) {
	cosigned, text := f.ledger.Latest()
	if cosigned == nil {
		return pack.Source{}, fault.Conflict("ledger.not_witnessed", fault.Arg("origin", f.ledger.Log().Origin()))
	}
	origin := cosigned.Checkpoint.Origin
	if !slices.ContainsFunc(chain.Current().Logs, func(x trust.Log) bool { return x.Origin == origin }) { // a new office, until a version names it
		return pack.Source{}, fault.Invalid("ledger.log_not_in_root", fault.Arg("source", origin), fault.Arg("origin", origin))
	}
	series, err := f.ownSeries(ctx, chain, cosigned, text)
	return pack.Source{Checkpoint: text, Series: series, Scan: func(each func([]byte) error) error {
		for from := int64(0); from < cosigned.Checkpoint.Size; from += atOnce {
			leaves, err := f.ledger.Log().Leaves(ctx, from, min(from+atOnce, cosigned.Checkpoint.Size))
			if err != nil {
				return err
			}
			for _, leaf := range leaves {
				if err := each(leaf); err != nil {
					return err
				}
			}
		}
		return ctx.Err()
	}}, err
}

// otherSource is another log, proved to be the one that was followed before.
func (f *Followers) otherSource(ctx context.Context, chain *trust.Chain, src *tiles.Source) (s pack.Source, err error) {
	text, err := src.Checkpoint(ctx)
	if err != nil {
		return s, err
	}
	c, err := policy.ParseCheckpoint(text)
	if err != nil {
		return s, fault.NotFound("ledger.no_log_here", fault.Arg("source", src.Name()), fault.Because(err))
	}
	root := chain.Current()
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
	s.Scan = func(each func([]byte) error) error {
		return tree.Scan(ctx, 0, func(_ int64, entries [][]byte) error {
			for _, leaf := range entries {
				if err := each(leaf); err != nil {
					return err
				}
			}
			return nil
		})
	}
	s.Series, err = f.seenSeries(ctx, chain, found, text)
	return s, err
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
