// Package judge asks the verifier from all that a node knows: for the importing desk,
// which has to know everything at that moment, and for pages, which must not wait for
// other people's registers.
//
// # Invariants
//
//   - One copy of what is known is held, however many ask.
//   - A page is judged from what was known a moment ago, and never from a state of a
//     register in which what it is about cannot stand yet.
//
// It may import floors 0 to 2 and verify.
package judge

import (
	"context"
	"sync"
	"time"

	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/module"
	"adamas.example/internal/store"
	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/pack"
	"adamas.example/verify/statement"
)

// Judge is safe for use by many at once.
type Judge struct {
	node *module.Node
	many chan struct{} // holds one while many are judged

	making sync.Mutex // one makes what is held

	mu    sync.Mutex
	held  *follow.Held
	at    time.Time
	cost  time.Duration // of making it
	fresh chan struct{} // closed when the making that is under way ends; nil for none
}

// New asks for a node.
func New(n *module.Node) *Judge { return &Judge{node: n, many: make(chan struct{}, 1)} }

// Import tells whether goods may be accepted by the node's Participant now, from all
// that the node knows at that moment.
func (j *Judge) Import(ctx context.Context, b *bundle.Bundle, at time.Time) (*verify.Verdict, error) {
	held, err := j.now(ctx)
	if err != nil {
		return nil, err
	}
	own, err := j.own(ctx, b)
	if err != nil {
		return nil, err
	}
	return verify.New(held.Pack).Verify(b, verify.Options{Purpose: verify.Import, At: at, Destination: j.node.Office[:2], Own: own}), nil
}

// Turn is that of one who judges many, of whom the node has one at a time, on whichever
// page or way they come; end lets the next begin. ok is false while it is another's.
func (j *Judge) Turn() (end func(), ok bool) {
	select {
	case j.many <- struct{}{}:
		return func() { <-j.many }, true
	default:
		return nil, false
	}
}

// Many gives a way to judge one certificate after another for import from one state of
// what is known, and that state.
func (j *Judge) Many(ctx context.Context) (judge func(*bundle.Bundle, *canonical.Hash) (*verify.Verdict, error), known *pack.Pack, err error) {
	if known, err = j.Known(ctx); err != nil {
		return nil, nil, err
	}
	v, at := verify.New(known), j.node.Now()
	return func(b *bundle.Bundle, paper *canonical.Hash) (*verify.Verdict, error) {
		own, err := j.own(ctx, b)
		if err != nil {
			return nil, err
		}
		return v.Verify(b, verify.Options{Purpose: verify.Import, At: at, Destination: j.node.Office[:2], Own: own, Paper: paper}), nil
	}, known, nil
}

// Known is the pack of all that the node knows at this moment.
func (j *Judge) Known(ctx context.Context) (*pack.Pack, error) {
	held, err := j.now(ctx)
	if err != nil {
		return nil, err
	}
	return held.Pack, nil
}

// own is what this office itself has stated of a certificate: goods that it has
// released are free before the witnesses have seen the release.
func (j *Judge) own(ctx context.Context, b *bundle.Bundle) (out []*statement.Statement, err error) {
	st, err := statement.Parse(b.Statement)
	if err != nil {
		return nil, nil //nolint:nilerr // the verdict says what is wrong with it
	}
	return out, j.node.Ledger.Store().Read(ctx, j.node.Now(), func(tx *store.Tx) error {
		entries, err := ledger.SaidOf(tx, j.node.Office, st.Subject)
		for _, e := range entries {
			if st, err := statement.Parse(e.Signed); err == nil {
				out = append(out, st)
			}
		}
		return err
	})
}

// now gives what the node knows, made anew when any log has grown.
func (j *Judge) now(ctx context.Context) (*follow.Held, error) {
	j.making.Lock()
	defer j.making.Unlock()
	j.mu.Lock()
	held, at := j.held, j.at
	j.mu.Unlock()
	start := j.node.Now()
	if held != nil && start.Sub(at) < follow.HoldFor && !start.Before(at) {
		return held, nil
	}
	f, err := follow.New(follow.Config{Ledger: j.node.Ledger, Now: j.node.Now})
	if err != nil {
		return nil, err
	}
	feeds, _ := j.node.Post.Feeds(ctx) // what stands in the way of one is shown on the node's page
	held, err = f.Hold(ctx, j.node.Roots, feeds, held)
	if err == nil {
		j.mu.Lock()
		j.held, j.at, j.cost = held, j.node.Now(), j.node.Now().Sub(start)
		j.mu.Unlock()
	}
	return held, err
}

const (
	// patience is how long a page waits where it would be wrong without.
	patience = 1500 * time.Millisecond
	// share of the time that may be spent on making what is held for pages: one part
	// in so many.
	share = 30
	// longest bounds the making, which reads other people's registers.
	longest = 2 * time.Minute
)

// Recent gives what the node knew a moment ago, and sees to it that the next asks
// find newer. Only when nothing is held yet, or enough says that it is too little, it
// waits, and not for long: nil is what it then gives.
func (j *Judge) Recent(ctx context.Context, enough func(*follow.Held) bool) *follow.Held {
	good := func(h *follow.Held) bool { return h != nil && enough(h) }
	j.mu.Lock()
	held, age := j.held, j.node.Now().Sub(j.at)
	due := held == nil || age < 0 || age > max(follow.HoldFor, share*j.cost)
	if j.fresh == nil && (due || !good(held) && age > follow.HoldFor) {
		j.renew()
	}
	fresh := j.fresh
	j.mu.Unlock()
	if good(held) {
		return held
	}
	if fresh != nil {
		select {
		case <-fresh:
		case <-ctx.Done():
		case <-time.After(patience):
		}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if good(j.held) {
		return j.held
	}
	return nil
}

// renew starts the making, beside the pages. j.mu is held.
func (j *Judge) renew() {
	done := make(chan struct{})
	j.fresh = done
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), longest)
		defer cancel()
		_, _ = j.now(ctx) // a page without a verdict says so
		j.mu.Lock()
		defer j.mu.Unlock()
		j.fresh = nil
		close(done)
	}()
}
