package tilelog

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/transparency-dev/tessera"

	"adamas.example/internal/fault"
)

// grownDir is a closed log of size 600 whose checkpoint is of size 300.
func grownDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	r := ours().start(t, dir, options(t))
	r.append(0, someEntries(1, 0, 300))
	r.published(300)
	r.stop()
	r = ours().start(t, dir, options(t).WithCheckpointInterval(time.Hour))
	r.append(300, someEntries(1, 300, 300))
	r.stop()
	return dir
}

// edit changes a file, or removes it when change is nil.
func edit(t *testing.T, dir, name string, change func([]byte) []byte) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if change == nil {
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
		return
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, change(content), filePerm); err != nil {
		t.Fatal(err)
	}
}

func become(text string) func([]byte) []byte {
	return func([]byte) []byte { return []byte(text) }
}

func replaceIn(old, new string) func([]byte) []byte {
	return func(b []byte) []byte { return []byte(strings.Replace(string(b), old, new, 1)) }
}

func zeros(b []byte) []byte { return make([]byte, len(b)) }

func flip(at int) func([]byte) []byte {
	return func(b []byte) []byte { b[at] ^= 1; return b }
}

// damage is one thing that can be wrong with the folder of grownDir.
type damage struct {
	name   string
	file   string
	change func([]byte) []byte
	key    string // the fault; "" when Open has nothing to say
}

func damages() []damage {
	const bundle, tile, top = "tile/entries/002.p/88", "tile/0/002.p/88", "tile/1/000.p/2"
	return []damage{
		{"state gone", statePath, nil, "tilelog.state_missing"},
		{"all state gone", stateDir, nil, "tilelog.state_missing"},
		{"state empty", statePath, become(""), "tilelog.state_damaged"},
		{"state of zeros, as after a power cut", statePath, zeros, "tilelog.state_damaged"},
		{"state cut short", statePath, func(b []byte) []byte { return b[:len(b)-9] }, "tilelog.state_damaged"},
		{"state with a line end", statePath, func(b []byte) []byte { return append(b, '\n') }, "tilelog.state_damaged"},
		{"state without root", statePath, become(`{"size":600,"root":""}`), "tilelog.state_damaged"},
		{"state with more", statePath, replaceIn("}", `,"x":1}`), "tilelog.state_damaged"},
		{"another size", statePath, replaceIn("600", "599"), "tilelog.files_damaged"},
		{"size with no files", statePath, replaceIn("600", "66000"), "tilelog.files_damaged"},
		{"size 0", statePath, replaceIn("600", "0"), "tilelog.files_damaged"},
		{"huge size", statePath, replaceIn("600", "18446744073709551615"), "tilelog.files_damaged"},
		{"another root", statePath, become(`{"size":600,"root":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}`), "tilelog.files_damaged"},
		{"root flipped", statePath, flip(30), "tilelog.state_damaged"},
		{"another version", versionPath, become("2"), "tilelog.version"},
		{"no version, as in early logs", versionPath, nil, ""},
		{"bundle gone", bundle, nil, "tilelog.files_damaged"},
		{"bundle flipped", bundle, flip(40), "tilelog.files_damaged"},
		{"bundle cut short", bundle, func(b []byte) []byte { return b[:100] }, "tilelog.files_damaged"},
		{"bundle cut at an entry", bundle, func(b []byte) []byte { return b[:2+int(b[0])<<8+int(b[1])] }, "tilelog.files_damaged"},
		{"bundle empty", bundle, become(""), "tilelog.files_damaged"},
		{"tile gone", tile, nil, "tilelog.files_damaged"},
		{"tile flipped", tile, flip(70), "tilelog.files_damaged"},
		{"tile cut short", tile, func(b []byte) []byte { return b[:64] }, "tilelog.files_damaged"},
		{"upper tile flipped", top, flip(3), "tilelog.files_damaged"},
		{"upper tile gone", top, nil, "tilelog.files_damaged"},
		{"all tiles gone", "tile", nil, "tilelog.files_damaged"},
		{"checkpoint empty", "checkpoint", become(""), "tilelog.checkpoint_damaged"},
		{"checkpoint of zeros", "checkpoint", zeros, "tilelog.checkpoint_damaged"},
		{"checkpoint with a short root", "checkpoint", become(testOrigin + "\n300\nAAAA\n\n"), "tilelog.checkpoint_damaged"},
		{"checkpoint ahead", "checkpoint", replaceIn("\n300\n", "\n601\n"), "tilelog.checkpoint_ahead"},
		{"checkpoint of another tree", "checkpoint", replaceIn("\n300\n", "\n299\n"), "tilelog.checkpoint_differs"},
		{"checkpoint gone, as before the first", "checkpoint", nil, ""},
	}
}

// TestDamage: whatever is wrong with a folder, Open says which file, does not
// begin again, changes nothing, and gives the folder free.
func TestDamage(t *testing.T) {
	t.Parallel()
	whole := grownDir(t)
	for _, test := range damages() {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(whole)); err != nil {
				t.Fatal(err)
			}
			edit(t, dir, test.file, test.change)
			before := listing(t, dir)
			d, err := Open(Config{Dir: dir})
			if test.key == "" {
				if err != nil {
					t.Fatal(err)
				}
				if err := d.Close(); err != nil {
					t.Fatal(err)
				}
				return
			}
			wantFault(t, err, test.key)
			if f, ok := fault.Of(err); ok && !strings.HasPrefix(f.Args["file"].(string), dir) {
				t.Errorf("the fault names %q", f.Args["file"])
			}
			if diff := cmp.Diff(before, listing(t, dir)); diff != "" {
				t.Errorf("Open changed (-before +after):\n%s", diff)
			}
			_, err = Open(Config{Dir: dir}) // the lock is free again
			wantFault(t, err, test.key)
		})
	}
}

// TestRestoredOverCheckpoint: the state of an earlier day under the checkpoint of
// today is told apart from damage, with both sizes.
func TestRestoredOverCheckpoint(t *testing.T) {
	t.Parallel()
	dir, old := t.TempDir(), t.TempDir()
	r := ours().start(t, dir, options(t))
	r.append(0, someEntries(1, 0, 20))
	r.published(20)
	r.stop()
	if err := os.CopyFS(filepath.Join(old, "copy"), os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	r = ours().start(t, dir, options(t))
	r.append(20, someEntries(1, 20, 5))
	r.published(25)
	r.stop()
	state, err := os.ReadFile(filepath.Join(old, "copy", filepath.FromSlash(statePath)))
	if err != nil {
		t.Fatal(err)
	}
	edit(t, dir, statePath, become(string(state)))
	_, err = Open(Config{Dir: dir})
	wantFault(t, err, "tilelog.checkpoint_ahead")
	f, _ := fault.Of(err)
	if f == nil || f.Args["published"] != uint64(25) || f.Args["size"] != uint64(20) {
		t.Errorf("the fault says %v", err)
	}
}

// TestDirectory: no folder, one that cannot be made, one that is taken.
func TestDirectory(t *testing.T) {
	_, err := Open(Config{})
	wantFault(t, err, "tilelog.directory")
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, filePerm); err != nil {
		t.Fatal(err)
	}
	_, err = Open(Config{Dir: file})
	wantFault(t, err, "tilelog.directory")

	dir := t.TempDir()
	r := ours().start(t, dir, options(t))
	_, err = Open(Config{Dir: dir})
	wantFault(t, err, "tilelog.directory_taken")
	r.append(0, someEntries(1, 0, 1)) // undisturbed
	r.stop()
	ours().start(t, dir, options(t))
}

// TestSweep: what a crash left half-written is gone after the next start, and
// nothing else.
func TestSweep(t *testing.T) {
	dir := grownDir(t)
	before := listing(t, dir)
	for _, name := range []string{"A", "B.tmp"} {
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(tmpDir), name), []byte("half"), filePerm); err != nil {
			t.Fatal(err)
		}
	}
	d, err := Open(Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, listing(t, dir)); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
}

// TestDiskFails: whichever file of a batch cannot be written, the entries are
// refused, the log stays as it was and the next batch is taken in its place; then
// again after a restart.
func TestDiskFails(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"tile/entries/000.p/20", "tile/0/000.p/20", statePath} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			r := ours().start(t, dir, options(t).WithBatching(10, time.Hour))
			r.append(0, someEntries(1, 0, 10))
			r.published(10)
			path := filepath.Join(dir, filepath.FromSlash(name))
			kept, err := os.ReadFile(path)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Fatal(err)
			}
			block(t, path)
			refused := someEntries(2, 10, 10)
			futures := make([]tessera.IndexFuture, 10)
			for i, data := range refused {
				futures[i] = r.add(t.Context(), tessera.NewEntry(data))
			}
			for _, f := range futures {
				if _, err := f(); err == nil {
					t.Fatal("an entry is acknowledged that is not on the disk")
				}
			}
			if got := r.size(); got != 10 {
				t.Errorf("%d entries are durable", got)
			}
			unblock(t, path)
			if kept != nil {
				if err := os.WriteFile(path, kept, filePerm); err != nil {
					t.Fatal(err)
				}
			}
			r.append(10, someEntries(3, 10, 10))
			r.published(20)
			r.stop()
			if left, err := os.ReadDir(filepath.Join(dir, filepath.FromSlash(tmpDir))); err != nil || len(left) > 0 {
				t.Errorf("temporary files stay: %v, %v", left, err)
			}
			want := append(someEntries(1, 0, 10), someEntries(3, 10, 10)...)
			if diff := cmp.Diff(want, checkFolder(t, dir)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// halfWritten is a log of ten entries to which five more have been written, but
// for the state; it returns the tree without and with them, and that state.
func halfWritten(t *testing.T) (dir string, r *running, before, after *tree, state []byte) {
	t.Helper()
	dir = t.TempDir()
	r = ours().start(t, dir, options(t))
	r.append(0, someEntries(1, 0, 10))
	d := r.driver.(*Driver)
	before, err := d.durable()
	if err != nil {
		t.Fatal(err)
	}
	var entries []*tessera.Entry
	for _, data := range someEntries(2, 10, 5) {
		entries = append(entries, tessera.NewEntry(data))
	}
	after, files, err := before.grow(entries)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if err := d.folder.write(f.name, f.content); err != nil {
			t.Fatal(err)
		}
	}
	if state, err = encodeState(after); err != nil {
		t.Fatal(err)
	}
	return dir, r, before, after, state
}

// TestSettle: after a write of the state whose outcome is unknown, the file
// decides; when it tells nothing the log takes no entry until it is reopened.
func TestSettle(t *testing.T) {
	t.Parallel()
	t.Run("it was replaced", func(t *testing.T) {
		dir, r, before, after, state := halfWritten(t)
		edit(t, dir, statePath, become(string(state)))
		if err := r.driver.(*Driver).settle(before, after); err != nil || r.size() != 15 {
			t.Errorf("size %d, %v", r.size(), err)
		}
		r.append(15, someEntries(1, 15, 5))
		r.published(20)
		checkFolder(t, dir)
	})
	t.Run("it was not", func(t *testing.T) {
		dir, r, before, after, _ := halfWritten(t)
		if err := r.driver.(*Driver).settle(before, after); err != nil || r.size() != 10 {
			t.Errorf("size %d, %v", r.size(), err)
		}
		r.append(10, someEntries(1, 10, 5))
		r.published(15)
		checkFolder(t, dir)
	})
	t.Run("nobody knows", func(t *testing.T) {
		dir, r, before, after, state := halfWritten(t)
		edit(t, dir, statePath, zeros)
		if err := r.driver.(*Driver).settle(before, after); !errors.Is(err, errLost) {
			t.Errorf("settled as %v", err)
		}
		if _, err := r.reader.IntegratedSize(t.Context()); !errors.Is(err, errLost) {
			t.Errorf("IntegratedSize: %v", err)
		}
		if _, err := r.add(t.Context(), tessera.NewEntry([]byte("x")))(); !errors.Is(err, errLost) {
			t.Errorf("Add: %v", err)
		}
		r.stop()
		edit(t, dir, statePath, become(string(state)))
		if got := ours().start(t, dir, options(t)).size(); got != 15 {
			t.Errorf("opened again: %d entries", got)
		}
	})
}
