package store

import (
	"context"
	"math/rand/v2"
	"time"

	"adamas.example/internal/fault"
)

const (
	firstPause = time.Millisecond
	longPause  = 250 * time.Millisecond
)

// retry does the work again while it fails for a passing reason, after random
// pauses of at most 2 ms, 4 ms, ... 250 ms. Then it gives up with the fault
// store.contended.
func retry(ctx context.Context, attempts int, work func() error) error {
	for attempt := 1; ; attempt++ {
		err := work()
		if err == nil || !passing(err) {
			return err
		}
		if attempt >= attempts {
			return fault.Busy("store.contended", fault.Because(err))
		}
		limit := min(firstPause<<min(attempt, 20), longPause)
		timer := time.NewTimer(rand.N(limit))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		}
	}
}
