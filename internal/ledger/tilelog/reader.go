package tilelog

import (
	"bytes"
	"context"
	"fmt"
	"os"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/api/layout"
)

// reader is the driver's tessera.LogReader. It goes on reading files after the
// driver has stopped; its sizes stand still then.
type reader struct{ driver *Driver }

var _ tessera.LogReader = (*reader)(nil)

// ReadCheckpoint is what was last published, os.ErrNotExist before the first.
func (r *reader) ReadCheckpoint(context.Context) ([]byte, error) {
	p := r.driver.last()
	if p == nil {
		return nil, os.ErrNotExist
	}
	return bytes.Clone(p.raw), nil
}

// ReadTile reads the hash tile of width p, 0 for a full one. Where the partial
// one is gone the full one is returned.
func (r *reader) ReadTile(_ context.Context, level, index uint64, p uint8) ([]byte, error) {
	return r.read(func(w uint8) string { return layout.TilePath(level, index, w) }, p)
}

// ReadEntryBundle reads the bundle of p entries, 0 for a full one. Where the
// partial one is gone the full one is returned.
func (r *reader) ReadEntryBundle(_ context.Context, index uint64, p uint8) ([]byte, error) {
	return r.read(func(w uint8) string { return layout.EntriesPath(index, w) }, p)
}

func (r *reader) read(name func(uint8) string, p uint8) ([]byte, error) {
	content, err := r.driver.folder.partialOrFull(name, p)
	if err != nil {
		return nil, fmt.Errorf("tilelog: %w", err)
	}
	return content, nil
}

// NextIndex is IntegratedSize: an entry gets its index when it is integrated.
func (r *reader) NextIndex(ctx context.Context) (uint64, error) { return r.IntegratedSize(ctx) }

// IntegratedSize is the number of durable entries.
func (r *reader) IntegratedSize(context.Context) (uint64, error) {
	t, err := r.driver.durable()
	if err != nil {
		return 0, fmt.Errorf("tilelog: %w", err)
	}
	return t.size, nil
}
