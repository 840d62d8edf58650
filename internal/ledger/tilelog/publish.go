package tilelog

import (
	"context"
	"fmt"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/api/layout"
)

// publisher writes checkpoints: of a log that has grown every interval, of one
// that has not every republish, and after a failure again after an interval.
type publisher struct {
	driver    *Driver
	sign      func(context.Context, uint64, []byte) ([]byte, error) // by the log and its witnesses
	interval  time.Duration
	republish time.Duration // 0 or less: never

	grown chan struct{} // one token: the log has grown

	// The rest belongs to the goroutine of run, and before it to Appender.
	at       time.Time // of the last publication, on the monotonic clock; zero: long ago
	failed   time.Time // end of the last attempt if it failed, else zero
	failures int       // in a row
}

func newPublisher(d *Driver, opts *tessera.AppendOptions, sign func(context.Context, uint64, []byte) ([]byte, error)) *publisher {
	p := &publisher{
		driver: d, sign: sign, grown: make(chan struct{}, 1),
		interval: opts.CheckpointInterval(), republish: opts.CheckpointRepublishInterval(),
	}
	// A file from the future was written under another clock: publish soon.
	if now := time.Now(); d.last() != nil {
		if age := now.Sub(d.publishedAt); age >= 0 {
			p.at = now.Add(-age)
		}
	}
	return p
}

// notify tells that the log has grown.
func (p *publisher) notify() {
	select {
	case p.grown <- struct{}{}:
	default:
	}
}

func (p *publisher) run(ctx context.Context) {
	for ctx.Err() == nil {
		var timer <-chan time.Time
		if at, ever := p.due(); ever {
			wait := time.Until(at)
			if wait <= 0 {
				p.attempt(ctx)
				continue
			}
			timer = time.After(wait)
		}
		select {
		case <-ctx.Done():
		case <-p.grown:
		case <-timer:
		}
	}
}

// due says when to publish next, and whether at all while the log stays as it is.
func (p *publisher) due() (at time.Time, ever bool) {
	t, lost := p.driver.durable()
	last := p.driver.last()
	switch {
	case lost != nil:
		return time.Time{}, false
	case last == nil:
	case last.size < t.size:
		at = p.at.Add(p.interval)
	case p.republish > 0:
		at = p.at.Add(p.republish)
	default:
		return time.Time{}, false
	}
	if again := p.failed.Add(p.interval); !p.failed.IsZero() && again.After(at) {
		at = again
	}
	return at, true
}

// attempt publishes the durable tree, or reports why not. Only the first failure
// of a row is reported, and its end: a boycott by witnesses can last for days.
func (p *publisher) attempt(ctx context.Context) {
	size, err := p.publish(ctx)
	switch {
	case err == nil && p.failures > 0:
		p.driver.log.Info("tilelog: published again", "size", size, "failures", p.failures)
	case err != nil && p.failures == 0 && ctx.Err() == nil:
		p.driver.log.Warn("tilelog: not published, trying again", "size", size, "error", err)
	}
	now := time.Now()
	if err != nil {
		p.failed, p.failures = now, p.failures+1
		return
	}
	p.at, p.failed, p.failures = now, time.Time{}, 0
}

func (p *publisher) publish(ctx context.Context) (uint64, error) {
	d := p.driver
	t, err := d.durable()
	if err != nil {
		return 0, err
	}
	raw, err := p.sign(ctx, t.size, t.root)
	if err != nil {
		return t.size, err
	}
	next, err := parseCheckpoint(raw)
	if err != nil {
		return t.size, fmt.Errorf("the signed checkpoint: %w", err)
	}
	if err := d.folder.write(layout.CheckpointPath, raw); err != nil {
		return t.size, err
	}
	d.mu.Lock()
	d.published = next
	d.mu.Unlock()
	return t.size, nil
}
