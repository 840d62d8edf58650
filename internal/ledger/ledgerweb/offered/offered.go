// Package offered makes the pack that a served node offers to anybody, where its
// operator has named none: out of its own log and those that it follows, with its
// office's word that it is whole.
//
// That word is a statement in the log. So a pack is made only when somebody wants one,
// by one maker, not more often than every ten minutes, and never while somebody waits:
// who wants it gets the one that is there.
//
// Imports: fault, store/durable, ledger/follow, ledger/tiles, module, verify.
package offered

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/ledger/tiles"
	"adamas.example/internal/module"
	"adamas.example/internal/store/durable"
	"adamas.example/verify/pack"
)

// File is where the pack lies in the node's folder.
const File = "pack-offered"

// aside is the form of the files in which one is made.
const aside = "." + File + ".*"

// Young is how old a pack must be before another is made, and Again how long after a
// failure.
const (
	Young = 10 * time.Minute
	Again = time.Minute
)

// Maker makes a node's pack.
type Maker struct {
	node   *module.Node
	slog   *slog.Logger
	wanted chan struct{}
	failed time.Time
}

// New makes a maker for a node; nothing is made before Run.
func New(n *module.Node, log *slog.Logger) *Maker {
	return &Maker{node: n, slog: log, wanted: make(chan struct{}, 1)}
}

// Path is where the pack lies when there is one.
func (m *Maker) Path() string { return filepath.Join(m.node.Dir, File) }

// Want says that somebody wants the pack; it does not wait.
func (m *Maker) Want() {
	select {
	case m.wanted <- struct{}{}:
	default: // said already
	}
}

// Run makes packs that are wanted, until the context ends. What a maker that was killed
// has left aside is removed first: a pack is large.
func (m *Maker) Run(ctx context.Context) {
	if left, err := filepath.Glob(filepath.Join(m.node.Dir, aside)); err == nil {
		for _, name := range left {
			if err := gone(name); err != nil {
				m.slog.Warn("remove a pack that was not finished", "error", err)
			}
		}
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-m.wanted:
		}
		if !m.due() {
			continue
		}
		if err := m.Make(ctx); err != nil && ctx.Err() == nil {
			m.failed = m.node.Now()
			m.slog.Warn("make the pack that is offered", "error", err)
		}
	}
}

// due tells whether a pack may be made now.
func (m *Maker) due() bool {
	now := m.node.Now()
	if !m.failed.IsZero() && now.Sub(m.failed) < Again && !now.Before(m.failed) {
		return false
	}
	info, err := os.Stat(m.Path())
	return err != nil || now.Sub(info.ModTime()) >= Young || now.Before(info.ModTime().Add(-Young))
}

// Make makes one now and puts it in the place of the one before. A register that
// cannot be read is left out. Faults: ledger.no_key_for_packs, those of
// follow.Followers.WritePack.
func (m *Maker) Make(ctx context.Context) error {
	if err := m.mayVouch(ctx); err != nil {
		return err
	}
	f, err := follow.New(follow.Config{Ledger: m.node.Ledger, Now: m.node.Now})
	if err != nil {
		return err
	}
	feeds, _ := m.node.Post.Feeds(ctx) // what stands in the way of one is shown on the node's page
	for {
		err := m.write(ctx, f, m.onePlaceEach(feeds))
		left := slices.DeleteFunc(slices.Clone(feeds), func(feed follow.Feed) bool { return blamed(err, feed.Source) })
		if err == nil || len(left) == len(feeds) {
			return err
		}
		m.slog.Warn("a place is left out of the pack that is offered", "error", err)
		feeds = left
	}
}

// onePlaceEach is the first place of every register but this node's own.
func (m *Maker) onePlaceEach(feeds []follow.Feed) (out []*tiles.Source) {
	have := map[string]bool{m.node.Ledger.Log().Origin(): true}
	for _, feed := range feeds {
		if origin := feed.Policy.Log.Name; !have[origin] {
			have[origin] = true
			out = append(out, feed.Source)
		}
	}
	return out
}

// blamed tells whether an error is about a source: nothing was recorded then.
func blamed(err error, s *tiles.Source) bool {
	f, ok := fault.Of(err)
	return ok && f.Args["source"] == s.Name()
}

// mayVouch refuses where the word of this office would not be taken: it would then
// stand in the log for nothing.
func (m *Maker) mayVouch(ctx context.Context) error {
	directory, err := m.node.Post.Directory(ctx)
	if err != nil {
		return err
	}
	for _, k := range directory.Key(m.node.Signer.ID()) {
		if k.Office == m.node.Office {
			return nil
		}
	}
	return fault.Conflict("ledger.no_key_for_packs", fault.Arg("office", m.node.Office))
}

func (m *Maker) write(ctx context.Context, f *follow.Followers, sources []*tiles.Source) (err error) {
	var open []*os.File
	defer func() {
		for _, each := range open {
			err = errors.Join(err, closed(each), gone(each.Name()))
		}
	}()
	room := func() (*os.File, error) {
		each, err := os.CreateTemp(m.node.Dir, aside)
		if err == nil {
			open = append(open, each)
		}
		return each, err
	}
	out, err := room()
	if err != nil {
		return err
	}
	buffered := bufio.NewWriterSize(out, 1<<16)
	if _, err := f.WritePack(ctx, io.Writer(buffered), follow.PackOrder{Signer: m.node.Signer, Office: m.node.Office, Now: m.node.Now(), Roots: m.node.Roots, Sources: sources,
		Spool: func() (pack.Spool, error) { return room() }}); err != nil {
		return err
	}
	if err := errors.Join(buffered.Flush(), out.Chmod(0o644), out.Sync(), out.Close()); err != nil {
		return err
	}
	return durable.Replace(out.Name(), m.Path())
}

// closed closes a file that may be closed already.
func closed(f *os.File) error {
	if err := f.Close(); !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}

// gone removes a file that may have been moved.
func gone(name string) error {
	if err := os.Remove(name); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
