package tilelog

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/api/layout"

	"adamas.example/internal/store/durable"
)

// minInterval is the shortest CheckpointInterval, as in the POSIX driver.
const minInterval = 100 * time.Millisecond

// ErrClosed ends the futures of entries that were not yet in the log when the
// driver stopped.
var ErrClosed = errors.New("tilelog: closed before the entry was in the log")

// Config says where a log lives.
type Config struct {
	Dir    string       // made when missing; on a local disk; this driver's alone
	HTTP   *http.Client // asks the witnesses; nil for http.DefaultClient
	Logger *slog.Logger // gets failed publications and collections; nil for none
}

// Driver is a tessera.Driver with the append lifecycle over one folder.
type Driver struct {
	folder folder
	http   *http.Client
	log    *slog.Logger
	lock   *os.File // held from Open until all goroutines have ended
	fresh  bool     // Open began the log

	mu          sync.Mutex
	tree        *tree      // durable; only the sequencer replaces it
	lost        error      // not nil when it is not known how far the log is durable
	published   *published // nil before the first; only the publisher replaces it
	publishedAt time.Time  // as the file system says, at Open
	stop        func()     // ends the goroutines; nil before Appender
	closed      bool       // no Appender any more

	stopped chan struct{} // closed when all goroutines have ended and the lock is free
}

// Open takes the folder and reads the log in it, or begins one in an empty
// folder. What it reads is checked: the tiles at the edge must add up to the
// recorded root, the last bundle to its tile, and the published checkpoint must
// be of this log. It reads at most a handful of files, whatever the size.
//
// The driver holds the folder until Close, or until the context of Appender is
// done. The faults are in the package comment.
func Open(cfg Config) (*Driver, error) {
	d := &Driver{
		folder:  folder(cfg.Dir),
		http:    cmp.Or(cfg.HTTP, http.DefaultClient),
		log:     cfg.Logger,
		stopped: make(chan struct{}),
	}
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	err := d.takeDir()
	if err == nil {
		err = d.load()
	}
	if err != nil {
		return nil, errors.Join(err, d.release())
	}
	return d, nil
}

// Appender is called by tessera.NewAppender, once. A log that Open began gets
// its first checkpoint, of size 0, before Appender returns; without witnesses
// the publisher goes on trying.
//
// When ctx is done, the batch being written is finished, futures still open end
// with ErrClosed, and the folder is given free; Close waits for that.
func (d *Driver) Appender(ctx context.Context, opts *tessera.AppendOptions) (*tessera.Appender, tessera.LogReader, error) {
	if opts.CheckpointInterval() < minInterval {
		return nil, nil, fmt.Errorf("tilelog: checkpoint interval %v is below %v", opts.CheckpointInterval(), minInterval)
	}
	if opts.EntriesPath()(0, 0) != layout.EntriesPath(0, 0) {
		return nil, nil, errors.New("tilelog: only the layout of tlog-tiles is supported")
	}
	run, stop := context.WithCancel(ctx)
	if err := d.start(stop); err != nil {
		stop()
		return nil, nil, err
	}
	lr := &reader{d}
	pub := newPublisher(d, opts, opts.CheckpointPublisher(lr, d.http))
	seq := newSequencer(d, opts, pub.notify)
	if d.fresh {
		pub.attempt(run)
	}
	var running sync.WaitGroup
	running.Go(func() { seq.run(run) })
	running.Go(func() { pub.run(run) })
	running.Go(func() { d.collect(run, opts.GarbageCollectionInterval()) })
	go func() {
		defer close(d.stopped)
		<-run.Done()
		running.Wait()
		if err := d.release(); err != nil {
			d.log.Error("tilelog: giving the folder free", "error", err)
		}
	}()
	return &tessera.Appender{Add: seq.add}, lr, nil
}

func (d *Driver) start(stop func()) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed || d.stop != nil {
		return errors.New("tilelog: a driver serves one appender")
	}
	d.stop = stop
	return nil
}

// Close stops the appender, if any, and gives the folder free. It does not wait
// for a checkpoint: that is what the shutdown function of tessera.NewAppender is
// for. It may be called again.
func (d *Driver) Close() error {
	d.mu.Lock()
	first, stop := !d.closed, d.stop
	d.closed = true
	d.mu.Unlock()
	switch {
	case stop != nil:
		stop()
		<-d.stopped
		return nil
	case first:
		return d.release()
	default:
		return nil
	}
}

func (d *Driver) release() error {
	if d.lock == nil {
		return nil
	}
	return durable.Unlock(d.lock)
}

// durable is the tree that acknowledged entries are in.
func (d *Driver) durable() (*tree, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.tree, d.lost
}

// last is the last published checkpoint, nil before the first.
func (d *Driver) last() *published {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.published
}
