package tiles

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"
	"golang.org/x/sync/errgroup"

	"adamas.example/internal/fault"
	"adamas.example/internal/store/durable"
	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
)

const (
	mirrorDir   = ".mirror" // never served
	mirrorTemp  = mirrorDir + "/new"
	mirrorLock  = mirrorDir + "/lock"
	mirrorBlobs = mirrorDir + "/missing" // blobs that were not to be had, to ask for again
)

// Mirrored is what a folder holds after Mirror.
type Mirrored struct {
	Origin  string
	Size    int64     // entries in the folder
	Time    time.Time // oldest time of the quorum that vouches for them
	Added   int64     // entries copied now
	Behind  int64     // by how many entries the source is smaller; then nothing was copied
	Missing []statement.Blob
}

// Mirror copies a log into a folder, or brings a mirrored folder up to the
// source. Every file is held against the source's checkpoint, which must pass
// the policy, before it gets its name; the checkpoint comes last. What is cut off
// goes on where it stopped. A blob that the source does not have, or has wrong,
// is listed and asked for again at the next time: it keeps nobody from the log.
//
// progress, if not nil, is told entries copied and to copy, by one goroutine at a
// time.
//
// Faults: those of reading and writing; ledger.source_untrusted;
// ledger.log_forked; ledger.mirror_busy; ledger.mirror_other_log;
// ledger.mirror_is_log (the folder is that of a log of our own, which Tessera keeps).
func Mirror(ctx context.Context, src *Source, dir string, pol *policy.Policy, progress func(done, total int64)) (*Mirrored, error) {
	m := &mirror{src: src, folder: folder{dir: dir, temp: mirrorTemp}, own: OpenFolder(dir), pol: pol, progress: progress}
	if _, err := os.Lstat(m.folder.path(".state")); err == nil {
		return nil, fault.Conflict("ledger.mirror_is_log", fault.File(dir))
	}
	unlock, err := m.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := m.folder.sweep(); err != nil {
		return nil, err
	}
	have, err := m.present(ctx)
	if err != nil {
		return nil, err
	}
	text, found, err := Trusted(ctx, src, pol)
	if err != nil {
		return nil, err
	}
	cp := found.Checkpoint
	if cp.Size < have.Size {
		return m.behind(ctx, have, found)
	}
	if m.tree, err = OpenTree(ctx, src, cp); err != nil {
		return nil, err
	}
	if have.Origin != "" {
		if err := m.tree.Extends(ctx, have.Size, have.Root); err != nil {
			return nil, err
		}
	}
	if err := m.copy(ctx, have.Size); err != nil {
		return nil, err
	}
	missing, err := m.copyBlobs(ctx)
	if err != nil {
		return nil, err
	}
	at, err := m.publish(ctx, have, text, found)
	if err != nil {
		return nil, err
	}
	return &Mirrored{Origin: cp.Origin, Size: cp.Size, Time: time.Unix(at, 0).UTC(), Added: cp.Size - have.Size, Missing: missing}, nil
}

// Trusted reads a source's checkpoint and holds it against the policy. Faults:
// ledger.source_untrusted, and those of Checkpoint.
func Trusted(ctx context.Context, src *Source, pol *policy.Policy) (string, *policy.Cosigned, error) {
	text, err := src.Checkpoint(ctx)
	if err != nil {
		return "", nil, err
	}
	c, err := policy.ParseCheckpoint(text)
	if err == nil {
		var found *policy.Cosigned
		if found, err = pol.Check(c); err == nil {
			return text, found, nil
		}
	}
	return "", nil, fault.Invalid("ledger.source_untrusted", fault.Arg("source", src.name), fault.Arg("origin", pol.Log.Name), fault.Because(err))
}

type mirror struct {
	src      *Source
	own      *Source // the folder, read as a source
	folder   folder
	pol      *policy.Policy
	progress func(done, total int64)
	tree     *Tree
	blobs    []statement.Blob // named by the entries copied now
}

func (m *mirror) lock() (unlock func() error, err error) {
	path := m.folder.path(mirrorLock)
	if err := makeDir(m.folder.path(mirrorDir)); err != nil {
		return nil, cannotWrite(path, err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, filePerm)
	if err != nil {
		return nil, cannotWrite(path, err)
	}
	if err := durable.Lock(f); err != nil {
		f.Close()
		if errors.Is(err, durable.ErrTaken) {
			return nil, fault.Busy("ledger.mirror_busy", fault.File(m.folder.dir))
		}
		return nil, cannotWrite(path, err)
	}
	return f.Close, nil
}

// present is the checkpoint that the folder has, empty when none. It was held
// against the policy of its day before it came here; today's may name other
// witnesses.
func (m *mirror) present(ctx context.Context) (*policy.Checkpoint, error) {
	b, err := m.own.file(ctx, "checkpoint", maxCheckpoint)
	if errors.Is(err, fs.ErrNotExist) {
		return &policy.Checkpoint{}, nil
	}
	if err != nil {
		return nil, err
	}
	c, err := policy.ParseCheckpoint(string(b))
	if err != nil {
		return nil, m.own.damaged("checkpoint", err)
	}
	if c.Origin != m.pol.Log.Name {
		return nil, fault.Conflict("ledger.mirror_other_log", fault.File(m.folder.dir), fault.Arg("have", c.Origin), fault.Arg("want", m.pol.Log.Name))
	}
	return c, nil
}

// behind answers for a source that is smaller than the folder, once it is clear
// that it is an earlier state of the same log.
func (m *mirror) behind(ctx context.Context, have *policy.Checkpoint, found *policy.Cosigned) (*Mirrored, error) {
	tree, err := OpenTree(ctx, m.own, have)
	if err != nil {
		return nil, err
	}
	if err := tree.Precedes(ctx, found.Checkpoint); err != nil {
		return nil, err
	}
	missing, err := m.missing()
	out := &Mirrored{Origin: have.Origin, Size: have.Size, Behind: have.Size - found.Checkpoint.Size, Missing: missing}
	if co, bad := m.pol.Check(have); bad == nil {
		out.Time = time.Unix(co.Time, 0).UTC()
	}
	return out, err
}

// copy brings everything that lies beyond the first have entries: tiles from the
// top down, so that each is held against the one above it, then bundles.
func (m *mirror) copy(ctx context.Context, have int64) error {
	for level := len(m.tree.edge) - 1; level >= 0; level-- {
		first := have >> (torchwood.TileHeight * level) / width
		last := m.tree.nodes(level) / width
		for n := first; n < last; n += 64 {
			if err := m.copyTiles(ctx, level, n, min(n+64, last)); err != nil {
				return err
			}
		}
		if tile, ok := m.tree.edgeTile(level); ok {
			if err := m.keep(torchwood.TilePath(tile), m.tree.edge[level]); err != nil {
				return err
			}
		}
	}
	return m.copyBundles(ctx, have)
}

// copyTiles copies full tiles that are hashed in one or two tiles above.
func (m *mirror) copyTiles(ctx context.Context, level int, from, until int64) error {
	wants := make([]tlog.Hash, until-from)
	for i := range wants {
		var err error
		if wants[i], err = m.tree.hash(ctx, level+1, from+int64(i)); err != nil {
			return err
		}
	}
	g, sub := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for i, want := range wants {
		g.Go(func() error {
			tile := tlog.Tile{H: torchwood.TileHeight, L: level, N: from + int64(i), W: width}
			_, err := m.bring(sub, tile, func(data []byte) bool { return fold(data) == want })
			return err
		})
	}
	return g.Wait()
}

func (m *mirror) copyBundles(ctx context.Context, have int64) error {
	m.tell(0, have)
	for b := have / width; b*width < m.tree.Size(); b += parallel {
		until := min(b+parallel, (m.tree.Size()+width-1)/width)
		raws, err := m.tree.bundles(ctx, b, until, m.bring)
		if err != nil {
			return err
		}
		for i, raw := range raws {
			m.noteBlobs(raw, m.tree.bundleTile(b+int64(i)).W)
		}
		m.tell(min(until*width, m.tree.Size())-have, have)
	}
	return nil
}

func (m *mirror) tell(done, have int64) {
	if m.progress != nil {
		m.progress(max(0, done), m.tree.Size()-have)
	}
}

// bring gets one file: from the folder where an earlier run has left it whole,
// else from the source, and keeps it when it is good.
func (m *mirror) bring(ctx context.Context, tile tlog.Tile, good func([]byte) bool) ([]byte, error) {
	path := torchwood.TilePath(tile)
	if here, err := m.folder.read(path); err == nil && wellFormed(here, tile) && good(here) {
		return here, nil
	}
	data, err := m.tree.read(ctx, tile, good)
	if err != nil {
		return nil, err
	}
	return data, m.folder.write(path, data)
}

// wellFormed keeps fold from a file that is no tile; a bundle's check reads its
// form itself.
func wellFormed(data []byte, tile tlog.Tile) bool { return tile.L < 0 || len(data) == tileSize }

// keep writes a verified file unless the same is there.
func (m *mirror) keep(path string, data []byte) error {
	if here, err := m.folder.read(path); err == nil && bytes.Equal(here, data) {
		return nil
	}
	return m.folder.write(path, data)
}

// noteBlobs remembers what blobs a bundle's statements name.
func (m *mirror) noteBlobs(raw []byte, entries int) {
	_, leaves, err := cut(raw, entries)
	if err != nil {
		return // bring has checked it
	}
	for _, leaf := range leaves {
		if st, err := statement.Parse(leaf); err == nil && st.Blob != nil {
			m.blobs = append(m.blobs, *st.Blob)
		}
	}
}

// copyBlobs copies the blobs named now and those missing since earlier, and
// keeps the list of what is still missing.
func (m *mirror) copyBlobs(ctx context.Context) ([]statement.Blob, error) {
	before, err := m.missing()
	if err != nil {
		return nil, err
	}
	store := &Blobs{folder: m.folder, src: m.own}
	var missing []statement.Blob
	seen := map[canonical.Hash]bool{}
	for _, b := range append(before, m.blobs...) {
		if seen[b.Hash] || store.Has(b) {
			continue
		}
		seen[b.Hash] = true
		if err := store.Copy(ctx, m.src, b); err != nil {
			if fault.Is(err, "ledger.cannot_write") || ctx.Err() != nil {
				return nil, err
			}
			missing = append(missing, b)
		}
	}
	if slices.Equal(before, missing) {
		return missing, nil
	}
	return missing, m.folder.write(mirrorBlobs, listBlobs(missing))
}

func listBlobs(blobs []statement.Blob) []byte {
	var b strings.Builder
	for _, x := range blobs {
		fmt.Fprintf(&b, "%s %d\n", x.Hash, x.Size)
	}
	return []byte(b.String())
}

// missing reads the list of blobs that earlier runs did not get; their media
// types stand in the statements.
func (m *mirror) missing() (out []statement.Blob, err error) {
	b, err := m.folder.read(mirrorBlobs)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fault.IO("ledger.source_unreadable", fault.File(m.folder.path(mirrorBlobs)), fault.Because(err))
	}
	for line := range strings.Lines(string(b)) {
		var hash string
		var x statement.Blob
		if _, err = fmt.Sscanf(line, "%s %d\n", &hash, &x.Size); err == nil {
			err = x.Hash.UnmarshalText([]byte(hash))
		}
		if err != nil {
			return nil, m.own.damaged(mirrorBlobs, err)
		}
		out = append(out, x)
	}
	return out, nil
}

// publish puts the checkpoint in place and removes the partial files of what is
// full now. At the same size the newer cosignatures stay; it gives their time.
func (m *mirror) publish(ctx context.Context, have *policy.Checkpoint, text string, found *policy.Cosigned) (int64, error) {
	if old, err := m.pol.Check(have); err == nil && have.Size == found.Checkpoint.Size && old.Time >= found.Time {
		return old.Time, nil
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if err := m.folder.write("checkpoint", []byte(text)); err != nil {
		return 0, err
	}
	for level := -1; level < len(m.tree.edge); level++ {
		shift := torchwood.TileHeight * max(0, level)
		for n := have.Size >> shift / width; n < m.tree.Size()>>shift/width; n++ {
			full := torchwood.TilePath(tlog.Tile{H: torchwood.TileHeight, L: level, N: n, W: width})
			if err := os.RemoveAll(m.folder.path(full) + ".p"); err != nil {
				return 0, cannotWrite(m.folder.path(full)+".p", err)
			}
		}
	}
	return found.Time, nil
}
