package tilelog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/transparency-dev/tessera"

	"adamas.example/internal/store/durable"
)

// errLost: a write of the state failed half-way and cannot be read back.
var errLost = errors.New("not known how far the log is durable: open it again")

// sequencer gathers entries into batches and writes one batch after the other.
type sequencer struct {
	driver *Driver
	grown  func() // tells the publisher
	most   int    // entries of a batch
	age    time.Duration

	wake chan struct{} // one token: a batch may be due

	mu     sync.Mutex
	queue  []*waiting // in the order of add
	closed bool
}

// waiting is an entry on its way into the log.
type waiting struct {
	entry *tessera.Entry
	since time.Time
	done  chan struct{} // closed once index and err are set
	index tessera.Index
	err   error
}

func (w *waiting) result() (tessera.Index, error) {
	<-w.done
	return w.index, w.err
}

func newSequencer(d *Driver, opts *tessera.AppendOptions, grown func()) *sequencer {
	return &sequencer{
		driver: d, grown: grown, wake: make(chan struct{}, 1),
		most: int(max(opts.BatchMaxSize(), 1)), age: opts.BatchMaxAge(),
	}
}

// add queues an entry. One that is added after add has returned gets a higher
// index. The future ends when the entry is durable, when writing its batch has
// failed, or with ErrClosed.
func (s *sequencer) add(_ context.Context, e *tessera.Entry) tessera.IndexFuture {
	w := &waiting{entry: e, since: time.Now(), done: make(chan struct{})}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return func() (tessera.Index, error) { return tessera.Index{}, ErrClosed }
	}
	s.queue = append(s.queue, w)
	if n := len(s.queue); n == 1 || n >= s.most {
		select {
		case s.wake <- struct{}{}:
		default:
		}
	}
	return w.result
}

// run writes batches until ctx is done; a batch once begun is finished.
func (s *sequencer) run(ctx context.Context) {
	for ctx.Err() == nil {
		batch, wait := s.due()
		if batch != nil {
			s.write(batch)
			continue
		}
		var timer <-chan time.Time
		if wait > 0 {
			timer = time.After(wait)
		}
		select {
		case <-ctx.Done():
		case <-s.wake:
		case <-timer:
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for _, w := range s.queue {
		w.err = ErrClosed
		close(w.done)
	}
	s.queue = nil
}

// due takes a batch that is full or old enough. Without one it says how long
// until the first entry is old enough; 0 when nothing waits.
func (s *sequencer) due() ([]*waiting, time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) == 0 {
		return nil, 0
	}
	if wait := s.age - time.Since(s.queue[0].since); len(s.queue) < s.most && wait > 0 {
		return nil, wait
	}
	n := min(len(s.queue), s.most)
	batch := s.queue[:n:n]
	if s.queue = s.queue[n:]; len(s.queue) == 0 {
		s.queue = nil // lets go of the entries
	}
	return batch, 0
}

// write puts a batch into the log and ends its futures.
func (s *sequencer) write(batch []*waiting) {
	entries := make([]*tessera.Entry, len(batch))
	for i, w := range batch {
		entries[i] = w.entry
	}
	first, err := s.driver.integrate(entries)
	for i, w := range batch {
		if err != nil {
			w.err = err
		} else {
			w.index.Index = first + uint64(i)
		}
		close(w.done)
	}
	s.grown()
}

// integrate makes entries durable and returns the index of the first. On an
// error they may be in the log all the same; IntegratedSize tells.
func (d *Driver) integrate(entries []*tessera.Entry) (first uint64, err error) {
	t, err := d.durable()
	if err != nil {
		return 0, err
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("tilelog: %d entries from %d: %w", len(entries), t.size, err)
		}
	}()
	next, files, err := t.grow(entries)
	if err != nil {
		return 0, err
	}
	for _, f := range files {
		if err := d.folder.write(f.name, f.content); err != nil {
			return 0, err
		}
	}
	state, err := encodeState(next)
	if err != nil {
		return 0, err
	}
	err = d.folder.write(statePath, state)
	if errors.Is(err, durable.ErrUncertain) {
		return 0, errors.Join(err, d.settle(t, next))
	}
	if err != nil {
		return 0, err
	}
	d.mu.Lock()
	d.tree = next
	d.mu.Unlock()
	return t.size, nil
}

// settle finds out whether the state of next got onto the disk. If it did, its
// entries are in the log though nobody was told so; going on from before would
// write over files that the new state counts. If that cannot be told, the log
// takes no more entries until it is opened again.
func (d *Driver) settle(before, next *tree) error {
	content, err := d.folder.read(statePath)
	state := treeState{}
	if err == nil {
		state, err = parseState(content)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case err == nil && state.Size == next.size && bytes.Equal(state.Root, next.root):
		d.tree = next
	case err == nil && state.Size == before.size && bytes.Equal(state.Root, before.root):
	default:
		d.lost = errors.Join(errLost, err)
	}
	return d.lost
}
