package tilelog

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	f_log "github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api/layout"

	"adamas.example/internal/fault"
	"adamas.example/internal/store/durable"
)

// Names and contents of the first four are those of Tessera's POSIX driver.
const (
	stateDir    = ".state"
	statePath   = stateDir + "/treeState"
	gcPath      = stateDir + "/gcState"
	versionPath = stateDir + "/version"
	tmpDir      = stateDir + "/tmp"
	lockPath    = stateDir + "/tilelog.lock"

	version = "1" // of the POSIX driver's folder
)

// treeState is the file that says how far the log is durable.
type treeState struct {
	Size uint64 `json:"size"`
	Root []byte `json:"root"`
}

func encodeState(t *tree) ([]byte, error) {
	return json.Marshal(treeState{Size: t.size, Root: t.root})
}

// parseState accepts the one spelling that is written.
func parseState(content []byte) (treeState, error) {
	var s treeState
	if err := json.Unmarshal(content, &s); err != nil {
		return treeState{}, err
	}
	if len(s.Root) != sha256.Size {
		return treeState{}, fmt.Errorf("root of %d bytes", len(s.Root))
	}
	again, err := json.Marshal(s)
	if err == nil && !bytes.Equal(again, content) {
		err = errors.New("not as it is written")
	}
	return s, err
}

// gcState is the file that says how far partial files have been removed.
type gcState struct {
	FromSize uint64 `json:"fromSize"`
}

// published is a checkpoint that was written, and what it says.
type published struct {
	raw  []byte
	size uint64
	root []byte
}

func parseCheckpoint(raw []byte) (*published, error) {
	var c f_log.Checkpoint
	if _, err := c.Unmarshal(raw); err != nil {
		return nil, err
	}
	if len(c.Hash) != sha256.Size {
		return nil, fmt.Errorf("root of %d bytes", len(c.Hash))
	}
	return &published{raw: raw, size: c.Size, root: c.Hash}, nil
}

// takeDir makes the folder, takes its lock and sweeps out temporary files.
func (d *Driver) takeDir() error {
	unusable := func(err error) error {
		return fault.CannotCreate("tilelog.directory", fault.File(string(d.folder)), fault.Because(err))
	}
	if d.folder == "" {
		return unusable(errors.New("no directory named"))
	}
	if err := makeDir(d.folder.path(tmpDir)); err != nil {
		return unusable(err)
	}
	lock, err := os.OpenFile(d.folder.path(lockPath), os.O_RDWR|os.O_CREATE, filePerm)
	if err != nil {
		return unusable(err)
	}
	if err := durable.Lock(lock); err != nil {
		closed := lock.Close()
		if errors.Is(err, durable.ErrTaken) {
			return fault.Busy("tilelog.directory_taken", fault.File(string(d.folder)), fault.Because(err))
		}
		return unusable(errors.Join(err, closed))
	}
	d.lock = lock
	left, err := os.ReadDir(d.folder.path(tmpDir))
	if err != nil {
		return unusable(err)
	}
	for _, e := range left {
		if err := os.Remove(d.folder.path(tmpDir + "/" + e.Name())); err != nil {
			d.log.Warn("tilelog: a temporary file stays behind", "error", err)
		}
	}
	return nil
}

// load reads the log or, in an empty folder, begins one.
func (d *Driver) load() error {
	content, err := d.folder.read(statePath)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return d.begin()
	case err != nil:
		return d.corrupt("tilelog.state_damaged", statePath, err)
	}
	if err := d.checkVersion(); err != nil {
		return err
	}
	state, err := parseState(content)
	if err != nil {
		return d.corrupt("tilelog.state_damaged", statePath, err)
	}
	t, err := loadTree(d.folder, state.Size, true)
	if err != nil {
		return d.damaged(err)
	}
	if !bytes.Equal(t.root, state.Root) {
		return d.corrupt("tilelog.files_damaged", statePath,
			fmt.Errorf("the tiles of size %d have root %x, recorded is %x", t.size, t.root, state.Root))
	}
	d.tree = t
	return d.loadCheckpoint()
}

// begin writes the first state, unless there is a log already.
func (d *Driver) begin() error {
	for _, name := range []string{"tile", layout.CheckpointPath} {
		there, err := d.folder.exists(name)
		if err != nil || there {
			return d.corrupt("tilelog.state_missing", statePath, err)
		}
	}
	if err := d.checkVersion(); err != nil {
		return err
	}
	d.tree = &tree{root: rfc6962.DefaultHasher.EmptyRoot()}
	d.fresh = true
	content, err := encodeState(d.tree)
	if err == nil {
		err = d.folder.write(statePath, content)
	}
	if err != nil {
		return fault.CannotCreate("tilelog.directory", fault.File(string(d.folder)), fault.Because(err))
	}
	return nil
}

// checkVersion writes the version where there is none: early logs of the POSIX
// driver have none either.
func (d *Driver) checkVersion() error {
	content, err := d.folder.read(versionPath)
	if errors.Is(err, fs.ErrNotExist) {
		content, err = []byte(version), d.folder.write(versionPath, []byte(version))
	}
	if err != nil {
		return fault.CannotCreate("tilelog.directory", fault.File(string(d.folder)), fault.Because(err))
	}
	if string(content) != version {
		return fault.Invalid("tilelog.version", fault.File(d.folder.path(versionPath)), fault.Text(string(content)))
	}
	return nil
}

// loadCheckpoint reads what was last published. The log must contain it: a
// smaller log is an older copy put back, another root is another log.
func (d *Driver) loadCheckpoint() error {
	raw, err := d.folder.read(layout.CheckpointPath)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return d.corrupt("tilelog.checkpoint_damaged", layout.CheckpointPath, err)
	}
	p, err := parseCheckpoint(raw)
	if err != nil {
		return d.corrupt("tilelog.checkpoint_damaged", layout.CheckpointPath, err)
	}
	if p.size > d.tree.size {
		return fault.Corrupt("tilelog.checkpoint_ahead", fault.File(d.folder.path(statePath)),
			fault.Arg("published", p.size), fault.Arg("size", d.tree.size))
	}
	then, err := loadTree(d.folder, p.size, false)
	if err != nil {
		return d.damaged(err)
	}
	if !bytes.Equal(then.root, p.root) {
		return d.corrupt("tilelog.checkpoint_differs", layout.CheckpointPath,
			fmt.Errorf("the tiles have root %x at size %d, published is %x", then.root, p.size, p.root))
	}
	info, err := os.Stat(d.folder.path(layout.CheckpointPath))
	if err != nil {
		return d.corrupt("tilelog.checkpoint_damaged", layout.CheckpointPath, err)
	}
	d.published, d.publishedAt = p, info.ModTime()
	return nil
}

func (d *Driver) corrupt(key, name string, cause error) error {
	return fault.Corrupt(key, fault.File(d.folder.path(name)), fault.Because(cause))
}

func (d *Driver) damaged(err error) error {
	name := statePath
	if e, ok := errors.AsType[*errDamaged](err); ok {
		name = e.name
	}
	return d.corrupt("tilelog.files_damaged", name, err)
}
