package recovery

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/transparency-dev/tessera"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"adamas.example/internal/fault"
	"adamas.example/internal/ledger/tilelog"
	"adamas.example/internal/ledger/tiles"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
)

// batch is how many entries are read and written at a time: whole bundles.
const batch = 16 * 256

// Rebuild makes the files of the log anew from the database, in place of what is
// there. Their root is that of the database's entries, which include the last
// witnessed checkpoint. It gives the folder in which the old files are, "" when
// there were none. Faults: recovery.database_differs, recovery.entry_damaged,
// recovery.cannot_write.
func (n *Node) Rebuild(ctx context.Context) (size int64, aside string, err error) {
	pol, err := policy.Parse(n.Log.Policy)
	if err != nil {
		return 0, "", err
	}
	o, err := n.read(ctx, pol.Log.Name)
	if err != nil {
		return 0, "", err
	}
	aside, err = n.rebuild(ctx, o.origin, o.size(), o.rootAt(o.size()), o.text)
	return o.size(), aside, err
}

// rebuild makes the files in a folder beside the log's, compares their root, and
// exchanges the two.
func (n *Node) rebuild(ctx context.Context, origin string, size int64, root canonical.Hash, checkpoint string) (aside string, err error) {
	dir := filepath.Clean(n.Log.Dir)
	made := dir + ".made"
	if err := os.RemoveAll(made); err != nil { // of an earlier try
		return "", cannotWrite(made, err)
	}
	if err := n.build(ctx, made, origin, size); err != nil {
		return "", err
	}
	if _, err := tiles.OpenTree(ctx, tiles.OpenFolder(made), &policy.Checkpoint{Origin: origin, Size: size, Root: root}); err != nil {
		return "", err
	}
	if checkpoint != "" {
		if err := writeSynced(filepath.Join(made, "checkpoint"), []byte(checkpoint)); err != nil {
			return "", cannotWrite(made, err)
		}
	}
	if err := linkAll(filepath.Join(dir, blobFolder), filepath.Join(made, blobFolder)); err != nil {
		return "", cannotWrite(made, err)
	}
	if _, err := os.Lstat(dir); err == nil {
		aside = dir + ".before-" + n.Now().UTC().Format("20060102T150405.000")
		if err := os.Rename(dir, aside); err != nil {
			return "", cannotWrite(dir, err)
		}
	}
	if err := os.Rename(made, dir); err != nil {
		return aside, cannotWrite(dir, err)
	}
	return aside, syncFolder(filepath.Dir(dir))
}

// blobFolder is where the files lie that statements name (package tiles).
const blobFolder = "blob"

// build appends the database's entries to a fresh log. Nothing of it is published:
// its witnesses cannot be reached, and its key is thrown away.
func (n *Node) build(ctx context.Context, dir, origin string, size int64) (err error) {
	driver, err := tilelog.Open(tilelog.Config{Dir: dir, HTTP: &http.Client{Transport: nobody{}}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, driver.Close()) }()
	secret, _, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		return err
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		return err
	}
	witnesses, err := tessera.NewWitnessGroupFromPolicy([]byte(n.Log.Policy))
	if err != nil {
		return err
	}
	opts := tessera.NewAppendOptions().WithCheckpointSigner(signer).WithBatching(batch, 5*time.Millisecond).
		WithCheckpointInterval(24*time.Hour).WithCheckpointRepublishInterval(48*time.Hour).
		WithGarbageCollectionInterval(0).WithWitnesses(witnesses, nil)
	appender, _, _, err := tessera.NewAppender(ctx, driver, opts)
	if err != nil {
		return err
	}
	cuts, err := n.published(ctx, origin, size)
	if err != nil {
		return err
	}
	for from, until := int64(0), int64(0); from < size; from = until {
		n.tell(from, size)
		until = min(from+batch, size)
		if i, _ := slices.BinarySearch(cuts, from+1); i < len(cuts) {
			until = min(until, cuts[i])
		}
		leaves, err := n.signed(ctx, origin, from, until)
		if err != nil {
			return err
		}
		if err := appendAll(ctx, appender, from, leaves); err != nil {
			return err
		}
	}
	n.tell(size, size)
	return nil
}

// published lists the sizes at which readers may hold a checkpoint that leads to
// partial tiles at the right edge: a batch ends at each, so that those are there.
func (n *Node) published(ctx context.Context, origin string, size int64) (sizes []int64, err error) {
	err = n.Store.Read(ctx, n.Now(), func(tx *store.Tx) error {
		sizes, err = store.Collect(tx, func(scan store.Scan) (s int64, err error) {
			err = scan(&s)
			return s, err
		}, `SELECT size FROM ledger_checkpoint WHERE origin = $1
			AND (size > $2 OR size = (SELECT MAX(size) FROM ledger_checkpoint WHERE origin = $1)) ORDER BY size`, origin, max(0, size-256))
		return err
	})
	return sizes, err
}

func appendAll(ctx context.Context, a *tessera.Appender, from int64, leaves [][]byte) error {
	futures := make([]tessera.IndexFuture, len(leaves))
	for i, leaf := range leaves {
		futures[i] = a.Add(ctx, tessera.NewEntry(leaf))
	}
	for i, f := range futures {
		idx, err := f()
		if err != nil {
			return err
		}
		if idx.Index != uint64(from)+uint64(i) {
			return fmt.Errorf("recovery: entry %d came to stand at %d", from+int64(i), idx.Index)
		}
	}
	return nil
}

// nobody answers no witness's request.
type nobody struct{}

func (nobody) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		req.Body.Close()
	}
	return nil, errors.New("recovery: a log that is being made anew has no witnesses")
}

// signed reads entries of the log from the database, each held against the leaf
// hash that stands beside it. Fault recovery.entry_damaged.
func (n *Node) signed(ctx context.Context, origin string, from, until int64) (out [][]byte, err error) {
	err = n.Store.Read(ctx, n.Now(), func(tx *store.Tx) error {
		at := from
		out, err = store.Collect(tx, func(scan store.Scan) (b []byte, err error) {
			h, err := scanLeaf(scan, &b)
			if err == nil && tlog.RecordHash(b) != h {
				err = fault.Corrupt("recovery.entry_damaged", fault.Arg("origin", origin), fault.Arg("index", at))
			}
			at++
			return b, err
		}, `SELECT leaf, signed FROM ledger_entry WHERE origin = $1 AND idx >= $2 AND idx < $3 ORDER BY idx`, origin, from, until)
		return err
	})
	return out, err
}

// holds tells whether the files are this tree already: what Tessera says of their
// size and root, and every entry under them.
func (n *Node) holds(ctx context.Context, t *truth) bool {
	b, err := os.ReadFile(filepath.Join(n.Log.Dir, ".state", "treeState"))
	var state struct {
		Size uint64 `json:"size"`
		Root []byte `json:"root"`
	}
	if err != nil || json.Unmarshal(b, &state) != nil || state.Size != uint64(t.size) || string(state.Root) != string(t.root[:]) {
		return false
	}
	tree, err := tiles.OpenTree(ctx, tiles.OpenFolder(n.Log.Dir), &policy.Checkpoint{Size: t.size, Root: t.root})
	return err == nil && tree.Scan(ctx, 0, func(int64, [][]byte) error { return nil }) == nil
}

// linkAll gives the files of one folder a second name in another, and copies them
// where the file system has no links (a stick).
func linkAll(from, to string) error {
	entries, err := os.ReadDir(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = os.Mkdir(to, 0o755)
	}
	for _, e := range entries {
		if err != nil {
			return err
		}
		source, target := filepath.Join(from, e.Name()), filepath.Join(to, e.Name())
		if err = os.Link(source, target); err == nil {
			continue
		}
		var b []byte
		if b, err = os.ReadFile(source); err == nil {
			err = writeSynced(target, b)
		}
	}
	return err
}

func writeSynced(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Sync(), f.Close())
}

// syncFolder makes names durable; Windows does it by itself.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return cannotWrite(dir, err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return cannotWrite(dir, err)
	}
	return nil
}

func cannotWrite(path string, err error) error {
	return fault.CannotCreate("recovery.cannot_write", fault.File(path), fault.Because(err))
}
