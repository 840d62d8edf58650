package keyring

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"fmt"
	"runtime"
)

// turns are for keys of this process: as many sign at once as there are cores.
// More would sign no faster, and would stand in the scheduler's queue, where
// whoever holds the database's one writing connection would wait behind them all
// each time his time slice ends: at an office of hundreds of clerks that costs more
// than the signatures.
var turns = make(chan struct{}, runtime.GOMAXPROCS(0))

// turn waits until the key may sign. Keys held elsewhere need none: waiting for
// another process or a network takes no core.
func (s *Signer) turn(ctx context.Context) (done func(), err error) {
	l, ok := s.raw.(local)
	if !ok {
		return func() {}, nil
	}
	switch l.key.(type) {
	case ed25519.PrivateKey, *ecdsa.PrivateKey:
	default:
		return func() {}, nil
	}
	select {
	case turns <- struct{}{}:
		return func() { <-turns }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("signing with key %s: %w", s.ID(), ctx.Err())
	}
}
