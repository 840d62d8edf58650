package tilelog

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"time"

	"github.com/transparency-dev/tessera/api/layout"
)

// bundlesPerRun bounds one collection, so that a long backlog does not take the
// disk from the sequencer.
const bundlesPerRun = 100

// collect removes obsolete partial files every interval until ctx is done; 0 for
// never.
func (d *Driver) collect(ctx context.Context, interval time.Duration) {
	if interval <= 0 {
		return
	}
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := d.collectOnce(); err != nil {
			d.log.Warn("tilelog: removing obsolete partial files", "error", err)
		}
	}
}

// collectOnce removes the partial files of bundles and tiles that are full at
// the published size: for those every reader can take the full file. Partial
// files of the published edge stay, whatever has been integrated since.
func (d *Driver) collectOnce() (err error) {
	last := d.last()
	if last == nil {
		return nil
	}
	from, err := d.collected()
	if err != nil || from >= last.size {
		return err
	}
	done := from
	defer func() {
		if done > from {
			err = errors.Join(err, d.writeCollected(done))
		}
	}()
	// The log is taken in vertical slices, one for each bundle.
	for slice := range layout.Range(from, last.size-from, last.size) {
		if slice.Partial > 0 || done-from >= bundlesPerRun*layout.EntryBundleWidth {
			break
		}
		for _, name := range obsolete(slice.Index) {
			if err := d.folder.removeFlat(name); err != nil {
				return err
			}
		}
		done += uint64(slice.N)
	}
	return nil
}

// obsolete names the folders of partial files under a full bundle, its tile, and
// those tiles above that this bundle has made full.
func obsolete(bundle uint64) []string {
	names := []string{layout.EntriesPath(bundle, 0) + ".p", layout.TilePath(0, bundle, 0) + ".p"}
	const last = layout.TileWidth - 1
	level, index := uint64(0), bundle
	for index%layout.TileWidth == last {
		level, index = level+1, index/layout.TileWidth
		names = append(names, layout.TilePath(level, index, 0)+".p")
	}
	return names
}

// collected is the size below which nothing is left to remove, a multiple of the
// width of a bundle. A mark that cannot be read costs only another round.
func (d *Driver) collected() (uint64, error) {
	content, err := d.folder.read(gcPath)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	var s gcState
	if err := json.Unmarshal(content, &s); err != nil || s.FromSize%layout.EntryBundleWidth != 0 {
		return 0, nil
	}
	return s.FromSize, nil
}

func (d *Driver) writeCollected(size uint64) error {
	content, err := json.Marshal(gcState{FromSize: size})
	if err != nil {
		return err
	}
	return d.folder.write(gcPath, content)
}
