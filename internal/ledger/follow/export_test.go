package follow

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// NewForTest makes Followers of feeds without a ledger, for what happens before
// anything is read.
func NewForTest(feeds []Feed, now func() time.Time) *Followers {
	return &Followers{feeds: feeds, now: now, slog: slog.New(slog.DiscardHandler), passes: map[string]*sync.Mutex{}, status: map[int]FeedStatus{}}
}

// RunFeed is Run for one feed.
func (f *Followers) RunFeed(ctx context.Context, i int, poll time.Duration) {
	f.runFeed(ctx, i, f.feeds[i], poll)
}
