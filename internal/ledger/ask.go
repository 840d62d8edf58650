package ledger

import (
	"context"
	"time"

	"adamas.example/internal/ledger/witness"
	"adamas.example/verify/canonical"
)

const (
	askEvery   = time.Minute      // while the answers do not bind
	askAtMost  = time.Second      // after refusals
	askTimeout = 20 * time.Second // for one round
)

// ask asks the witnesses what they have seen of this log: at the start until the
// answers bind, so that a folder that was put back by a copy is noticed, and
// whenever one refuses a checkpoint. It keeps nobody waiting: an office without a
// network goes on, and what it signs is shown as not yet witnessed.
func (l *Ledger) ask(ctx context.Context) {
	next := time.NewTimer(0)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.log.gate.refused:
			select { // a witness that refuses each round is asked once a second
			case <-ctx.Done():
				return
			case <-time.After(askAtMost):
			}
		case <-next.C:
		}
		if binding, err := l.askOnce(ctx); err != nil && ctx.Err() == nil {
			l.slog.Error("ask the witnesses", "error", err)
			next.Reset(askEvery)
		} else if !binding {
			next.Reset(askEvery)
		}
	}
}

// askOnce asks, and sets a hold when a witness knows what our log does not hold.
func (l *Ledger) askOnce(ctx context.Context) (binding bool, err error) {
	if l.held() != "" {
		return true, nil // it is looked into by recovery, which asks itself
	}
	round, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	report, err := witness.Ask(round, l.log.cfg.Signer, l.log.policy, l.log.cfg.HTTP)
	if err != nil {
		return false, err
	}
	// Only now: while they answered, our log may have grown under their eyes.
	size, err := l.log.Size(ctx)
	if err != nil {
		return false, err
	}
	standing, err := report.Compare(size, func(n int64) (canonical.Hash, error) { return l.log.RootAt(ctx, n) })
	switch {
	case err != nil:
		return false, err
	case standing == witness.Forked:
		return true, l.SetHold(ctx, HoldForked)
	case standing == witness.Behind:
		return true, l.SetHold(ctx, HoldBehind)
	}
	return report.Binding(), nil
}
