package follow

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/ledger/tiles"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
)

// Pass is what one look at another log has brought.
type Pass struct {
	Origin string
	Size   int64     // of the checkpoint that the source has now
	Time   time.Time // oldest time of its quorum
	Read   int64     // entries read
	// Behind, if not 0, is by how many entries the source is smaller than what was
	// followed already: an old stick, or a mirror that is not up to date. Nothing
	// was read.
	Behind int64
}

// Log follows another node's log once: reads its checkpoint, holds it against
// the feed's policy, proves that it contains what was followed before, and then
// applies what is new, verified as it is read, to each follower in batches. A
// follower that is further back than others gets what it misses; one that fails
// stays where it is and the others go on.
//
// Faults: those of reading a source (package tiles); ledger.source_untrusted;
// ledger.log_forked, with both checkpoints kept as evidence (Forks);
// ledger.follows_itself. After each of them nothing was applied that is not
// proven.
func (f *Followers) Log(ctx context.Context, feed Feed) (*Pass, error) {
	defer f.only(feed.Policy.Log.Name).Unlock()
	text, found, err := tiles.Trusted(ctx, feed.Source, feed.Policy)
	if err != nil {
		return nil, err
	}
	pass := &Pass{Origin: found.Checkpoint.Origin, Size: found.Checkpoint.Size, Time: time.Unix(found.Time, 0).UTC()}
	known, tree, err := f.prove(ctx, feed.Source, text, found)
	if err != nil {
		return nil, err
	}
	if pass.Behind = max(0, known.size-pass.Size); pass.Behind > 0 {
		return pass, nil
	}
	return pass, f.readLog(ctx, tree, found.Checkpoint, pass)
}

// only waits until no other pass over this log is under way.
func (f *Followers) only(origin string) *sync.Mutex {
	f.mu.Lock()
	m := f.passes[origin]
	if m == nil {
		m = new(sync.Mutex)
		f.passes[origin] = m
	}
	f.mu.Unlock()
	m.Lock()
	return m
}

// knownLog is the newest checkpoint of a log that this node has followed; every
// earlier one is known to be contained in it. Size 0 for a log not followed yet.
type knownLog struct {
	origin string
	size   int64
	root   canonical.Hash
	text   string
}

func (f *Followers) followed(ctx context.Context, origin string) (k *knownLog, err error) {
	err = f.store.Read(ctx, f.now(), func(tx *store.Tx) error {
		k = &knownLog{origin: origin}
		own, err := f.ledger.Keeps(tx, origin)
		if err != nil {
			return err
		}
		if own {
			return fault.Conflict("ledger.follows_itself", fault.Arg("origin", origin))
		}
		var root []byte
		err = tx.QueryRow(`SELECT size, root, text FROM ledger_log WHERE origin = $1`, origin).Scan(&k.size, &root, &k.text)
		copy(k.root[:], root)
		if errors.Is(err, store.ErrNoRows) {
			err = nil
		}
		return err
	})
	return k, err
}

// prove proves that a checkpoint and what was followed before are of one log, and
// keeps the checkpoint as the newest. A smaller one is compared where the source
// still has the larger tree; where it has not, nothing follows from it, and tree
// is nil.
func (f *Followers) prove(ctx context.Context, src *tiles.Source, text string, found *policy.Cosigned) (known *knownLog, tree *tiles.Tree, err error) {
	cp := found.Checkpoint
	for {
		if known, err = f.followed(ctx, cp.Origin); err != nil {
			return nil, nil, err
		}
		if cp.Size < known.size {
			return known, nil, f.keepFork(ctx, known, text, cp, proveSmaller(ctx, src, cp, known))
		}
		if tree, err = tiles.OpenTree(ctx, src, cp); err != nil {
			return nil, nil, err
		}
		if known.size > 0 {
			if err := tree.Extends(ctx, known.size, known.root); err != nil {
				return nil, nil, f.keepFork(ctx, known, text, cp, err)
			}
		}
		// Another process may have followed the log to another state meanwhile: then
		// that one is to be compared with.
		if err = f.keepLog(ctx, known, text, found); !errors.Is(err, errMoved) {
			return known, tree, err
		}
	}
}

func proveSmaller(ctx context.Context, src *tiles.Source, cp *policy.Checkpoint, known *knownLog) error {
	tree, err := tiles.OpenTree(ctx, src, &policy.Checkpoint{Origin: known.origin, Size: known.size, Root: known.root})
	if err == nil {
		err = tree.Precedes(ctx, cp)
	}
	if fault.Is(err, "ledger.log_forked") || fault.Is(err, "ledger.source_unreachable") {
		return err
	}
	return ctx.Err()
}

// keepLog remembers the newest checkpoint of a log, unless another than the known
// one is remembered by now: errMoved.
func (f *Followers) keepLog(ctx context.Context, known *knownLog, text string, found *policy.Cosigned) error {
	cp := found.Checkpoint
	return f.store.Write(ctx, f.now(), func(tx *store.Tx) error {
		n, err := tx.Exec(`UPDATE ledger_log SET size = $4, root = $5, text = $6, time = $7, read_at = $8 WHERE origin = $1 AND size = $2 AND root = $3`,
			cp.Origin, known.size, known.root, cp.Size, cp.Root, text, time.Unix(found.Time, 0).UTC(), tx.Now())
		if err == nil && n == 0 && known.text == "" {
			n, err = tx.Exec(`INSERT INTO ledger_log (origin, size, root, text, time, read_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (origin) DO NOTHING`,
				cp.Origin, cp.Size, cp.Root, text, time.Unix(found.Time, 0).UTC(), tx.Now())
		}
		if err == nil && n == 0 {
			err = errMoved
		}
		if err != nil {
			return err
		}
		return keepSeen(tx, text, found)
	})
}

// keepFork keeps both checkpoints when err says that they contradict each other:
// the source may never show the second again. It gives back err.
func (f *Followers) keepFork(ctx context.Context, known *knownLog, text string, cp *policy.Checkpoint, err error) error {
	if !fault.Is(err, "ledger.log_forked") {
		return err
	}
	kept := f.store.Write(ctx, f.now(), func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO ledger_fork (origin, size, root, known, found, found_at) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (origin, size, root) DO NOTHING`, cp.Origin, cp.Size, cp.Root, known.text, text, tx.Now())
		return err
	})
	if kept != nil {
		f.slog.Error("evidence of a forked log was not kept", "error", kept, "known", known.text, "found", text)
	}
	return err
}

// readLog reads once from where the furthest back stands, and gives each follower
// what it has not had.
func (f *Followers) readLog(ctx context.Context, tree *tiles.Tree, cp *policy.Checkpoint, pass *Pass) error {
	next := make([]int64, len(f.followers))
	err := f.store.Read(ctx, f.now(), func(tx *store.Tx) (err error) {
		for i, w := range f.followers {
			if next[i], err = position(tx, w.Name(), cp.Origin); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || len(next) == 0 {
		return err
	}
	from := cp.Size
	for _, n := range next {
		from = min(from, n)
	}
	failed := make([]error, len(f.followers))
	gone := make([]bool, len(f.followers)) // begun anew meanwhile: its next pass starts over
	err = tree.Scan(ctx, from, func(first int64, leaves [][]byte) error {
		all := make([]Followed, len(leaves))
		for i, leaf := range leaves {
			all[i] = decode(cp.Origin, first+int64(i), leaf)
		}
		pass.Read += int64(len(all))
		end := place{origin: cp.Origin, next: first + int64(len(all)), size: cp.Size, root: cp.Root}
		for i, w := range f.followers {
			if failed[i] != nil || gone[i] || next[i] >= end.next {
				continue
			}
			switch err := f.applyLog(ctx, w, next[i], all[max(0, next[i]-first):], end); {
			case err == nil:
				next[i] = end.next
			case errors.Is(err, errMoved):
				gone[i] = true
			default:
				failed[i] = err
			}
		}
		return ctx.Err()
	})
	return errors.Join(append(failed, err)...)
}

// applyLog applies a batch to one follower, with the place it brings it to.
func (f *Followers) applyLog(ctx context.Context, w Follower, from int64, entries []Followed, to place) error {
	write := f.store.Write
	if len(entries) > batch/8 {
		write = f.store.WriteAlone
	}
	err := write(ctx, f.now(), func(tx *store.Tx) error {
		if err := move(tx, w.Name(), from, to); err != nil {
			return err
		}
		for _, e := range entries {
			if err := apply(tx, w, e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("follower %s: %w", w.Name(), err)
	}
	return nil
}

// Forked is evidence against a log: two signed checkpoints that contradict each
// other.
type Forked struct {
	Origin       string
	Known, Found string // checkpoint texts
	At           time.Time
}

// Forks lists all evidence that this node holds, oldest first.
func (f *Followers) Forks(ctx context.Context) (out []Forked, err error) {
	err = f.store.Read(ctx, f.now(), func(tx *store.Tx) error {
		out, err = ForkedLogs(tx)
		return err
	})
	return out, err
}

// ForkedLogs is Followers.Forks for who has no Followers.
func ForkedLogs(tx *store.Tx) ([]Forked, error) {
	return store.Collect(tx, func(scan store.Scan) (f Forked, err error) {
		err = scan(&f.Origin, &f.Known, &f.Found, store.ScanTime(&f.At))
		return f, err
	}, `SELECT origin, known, found, found_at FROM ledger_fork ORDER BY found_at, origin, size, root`)
}

// Known is a followed log as far as this node knows it.
type Known struct {
	Origin string
	Size   int64
	Time   time.Time // oldest time of the quorum of the newest checkpoint
	ReadAt time.Time // when a place of it was last read in good order
}

// Known lists every log that this node has ever followed, by origin: it outlives
// the process, unlike Feeds.
func (f *Followers) Known(ctx context.Context) (out []Known, err error) {
	err = f.store.Read(ctx, f.now(), func(tx *store.Tx) error {
		out, err = KnownLogs(tx)
		return err
	})
	return out, err
}

// KnownLogs is Followers.Known for who has no Followers.
func KnownLogs(tx *store.Tx) ([]Known, error) {
	return store.Collect(tx, func(scan store.Scan) (k Known, err error) {
		err = scan(&k.Origin, &k.Size, store.ScanTime(&k.Time), store.ScanTime(&k.ReadAt))
		return k, err
	}, `SELECT origin, size, time, read_at FROM ledger_log ORDER BY origin`)
}

// FeedStatus is how following one log stands, for a status page.
type FeedStatus struct {
	Source string
	Origin string
	Last   *Pass     // the last that succeeded; nil before the first
	At     time.Time // when that was
	Fault  error     // of the last look; nil when it succeeded
	Retry  time.Time // when it is looked at next
}

// every is how often Run looks for own entries: one small read.
const every = 50 * time.Millisecond

// Run follows until ctx ends: own entries at once, each log every poll, and one
// that cannot be read again after 1, 2, 4 seconds and so on, up to poll, or as
// long as its server asks for.
func (f *Followers) Run(ctx context.Context, poll time.Duration) {
	var all sync.WaitGroup
	for i, feed := range f.feeds {
		all.Go(func() { f.runFeed(ctx, i, feed, poll) })
	}
	defer all.Wait()
	var last string
	for {
		wait, now := every, ""
		if err := f.Own(ctx); err != nil && ctx.Err() == nil {
			wait, now = time.Second, err.Error()
			if now != last {
				f.slog.Error("follow own entries", "error", err)
			}
		}
		last = now
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

func (f *Followers) runFeed(ctx context.Context, i int, feed Feed, poll time.Duration) {
	s := FeedStatus{Source: feed.Source.Name(), Origin: feed.Policy.Log.Name}
	for failures := 0; ; {
		pass, err := f.Log(ctx, feed)
		if ctx.Err() != nil {
			return
		}
		now, wait := f.now(), poll
		if s.Fault = err; err == nil {
			s.Last, s.At, failures = pass, now, 0
		} else {
			f.slog.Warn("follow a log", "source", s.Source, "origin", s.Origin, "error", err)
			wait = pause(err, failures, poll)
			failures++
		}
		s.Retry = now.Add(wait)
		f.mu.Lock()
		f.status[i] = s
		f.mu.Unlock()
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// pause is how long to leave a log alone after so many failures before this one.
func pause(err error, failures int, poll time.Duration) time.Duration {
	wait := min(poll, time.Second<<min(failures, 20))
	if f, ok := fault.Of(err); ok {
		if asked, ok := f.Args["wait"].(int); ok {
			wait = max(wait, min(time.Duration(asked)*time.Second, 24*time.Hour))
		}
	}
	return wait
}

// Feeds tells how following each log stands, in the order given to New;
// before Run has looked at one its status names it and nothing more.
func (f *Followers) Feeds() []FeedStatus {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := make([]FeedStatus, len(f.feeds))
	for i, feed := range f.feeds {
		s, ok := f.status[i]
		if !ok {
			s = FeedStatus{Source: feed.Source.Name(), Origin: feed.Policy.Log.Name}
		}
		out[i] = s
	}
	return out
}
