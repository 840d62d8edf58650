package follow

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/verify/canonical"
	"adamas.example/verify/pack"
	"adamas.example/verify/trust"
)

// Held is all that a node can judge from at this moment: its own log at the newest
// witnessed checkpoint, and of each log that it follows the first place that can be
// read and agrees with what was followed before. A log that cannot be read is left
// out: what it would tell is then not known, and the verifier says so.
type Held struct {
	*pack.Pack
	Left map[string]error // by place: logs that could not be read
	key  string           // of the checkpoints it is made from
}

// Hold makes it, or gives back before when no log has grown since. before may be
// nil. Fault ledger.roots_refused.
func (f *Followers) Hold(ctx context.Context, roots [][]byte, feeds []Feed, before *Held) (*Held, error) {
	chain, err := trust.ParseChain(roots, canonical.Hash{})
	if err != nil {
		return nil, fault.Invalid("ledger.roots_refused", fault.Because(err))
	}
	next := &Held{Left: map[string]error{}}
	var all []pack.Source
	have := map[string]bool{}
	if own, err := f.ownSource(ctx, chain); err == nil {
		all, have[originOf(own)] = append(all, own), true
	} else {
		next.Left[f.ledger.Log().Origin()] = err
	}
	for _, feed := range feeds {
		if have[feed.Policy.Log.Name] {
			continue
		}
		one, err := f.otherSource(ctx, chain, feed.Source)
		if err != nil {
			next.Left[feed.Source.Name()] = err
			continue
		}
		all, have[originOf(one)] = append(all, one), true
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b pack.Source) int { return cmp.Compare(originOf(a), originOf(b)) })
	// A checkpoint that is attested anew makes the same pack with newer times, so the
	// whole text counts; the count of logs and roots stands in it too.
	var key strings.Builder
	for _, s := range all {
		key.WriteString(s.Checkpoint)
	}
	for _, r := range roots {
		sum := canonical.Sum(r)
		key.Write(sum[:])
	}
	if next.key = key.String(); before != nil && before.key == next.key {
		return before, nil
	}
	draft, err := pack.Prepare(roots, all)
	if err != nil {
		return nil, err
	}
	next.Pack, err = draft.Held()
	return next, err
}

// HoldFor bounds how long Held may be used before it is asked for again.
const HoldFor = 2 * time.Second
