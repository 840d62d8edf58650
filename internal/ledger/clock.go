package ledger

import (
	"context"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/store"
	"adamas.example/verify/policy"
)

// Clock is how far a computer's clock may be wrong before it signs nothing any more: a
// statement bears the time of this clock for ever, and witnesses only say when they
// saw it. The zero Clock allows anything.
type Clock struct {
	Behind time.Duration // behind the last time that witnesses have attested
	Ahead  time.Duration // ahead of the witnesses' clocks, as they attest something new
}

// UsualClock is what a node is held to: more than any network of witnesses needs, less
// than any rule that counts hours.
func UsualClock() Clock { return Clock{Behind: 5 * time.Minute, Ahead: 10 * time.Minute} }

// aheadOf is by how much our clock is ahead of the witness whose clock is furthest on,
// at the moment at which we first see what they attest. A checkpoint that was there when
// we opened may be old, and says nothing of our clock.
func aheadOf(now time.Time, c *policy.Cosigned, opened bool) time.Duration {
	if !opened || c.Time == 0 {
		return 0
	}
	newest := c.Time
	for _, t := range c.Witnesses {
		newest = max(newest, t)
	}
	return now.Sub(time.Unix(newest, 0))
}

// ClockFault is nil while this computer's clock can be right. Faults: ledger.clock_behind
// when it shows a time before one that witnesses have attested already;
// ledger.clock_ahead when it was ahead of all of them as they last attested something
// new. It is set right with the clock: the first at once, the second when witnesses next
// attest something, and in any case by opening the node again.
func (l *Ledger) ClockFault() error {
	if l.clock == (Clock{}) {
		return nil
	}
	l.mu.Lock()
	latest, ahead := l.latest, l.ahead
	l.mu.Unlock()
	if latest == nil || latest.Time == 0 {
		return nil
	}
	now, seen := l.now().UTC(), time.Unix(latest.Time, 0).UTC()
	if behind := seen.Sub(now); behind > l.clock.Behind {
		return fault.Conflict("ledger.clock_behind", fault.Arg("now", now), fault.Arg("seen", seen), fault.Arg("minutes", int64(behind.Minutes())))
	}
	if ahead > l.clock.Ahead {
		return fault.Conflict("ledger.clock_ahead", fault.Arg("now", now), fault.Arg("minutes", int64(ahead.Minutes())))
	}
	return nil
}

// Probe writes one row and takes it as proof that the database can be written: a full
// or broken disk is found by whoever watches the node, before an officer finds it.
func (l *Ledger) Probe(ctx context.Context) error {
	return l.store.Write(ctx, l.now(), func(tx *store.Tx) error {
		return setState(tx, "probe", tx.Now().Format(time.RFC3339))
	})
}
