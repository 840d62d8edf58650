package exchange

import (
	"context"
	"slices"

	"adamas.example/internal/fault"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/trust"
)

// Feeds says what this node follows now, by its configuration, the root documents
// in its folder, and what is known of logs that have ended; problems are what keeps
// a log from being followed. Both change when a new root document is put in place
// or a log ends: whoever follows asks again from time to time.
//
// Faults in problems: those of peer.Peers.Feeds; exchange.successor_not_in_root for
// a log that goes on under a name that no root document here knows; those of
// Config.Roots; ledger.roots_refused.
func (o *Office) Feeds(ctx context.Context) (feeds []follow.Feed, problems []error) {
	roots, err := o.cfg.Roots()
	if err != nil {
		return nil, []error{err}
	}
	chain, err := trust.ParseChain(roots, canonical.Hash{})
	if err != nil {
		return nil, []error{fault.Invalid("ledger.roots_refused", fault.Because(err))}
	}
	root := chain.Current()
	var own []string
	err = o.store.Read(ctx, o.cfg.Now(), func(tx *store.Tx) error {
		own = nil
		for _, l := range root.Logs {
			keeps, err := o.cfg.Ledger.Keeps(tx, l.Origin)
			if err != nil {
				return err
			}
			if keeps {
				own = append(own, l.Origin)
			}
		}
		return nil
	})
	if err != nil {
		return nil, []error{err}
	}
	feeds, problems = o.cfg.Peers.Feeds(ctx, o.cfg.Dir, chain, own, nil)
	ended, err := o.Ended(ctx)
	if err != nil {
		problems = append(problems, err)
	}
	for _, e := range ended {
		if !slices.ContainsFunc(root.Logs, func(l trust.Log) bool { return l.Origin == e.Successor }) {
			problems = append(problems, fault.Unavailable("exchange.successor_not_in_root", fault.Arg("origin", e.Origin), fault.Arg("successor", e.Successor)))
		}
	}
	return feeds, problems
}

// Addresses are where anybody may read of the logs that this node is told to
// follow, by origin.
func (o *Office) Addresses() map[string][]string { return o.cfg.Peers.Addresses() }
