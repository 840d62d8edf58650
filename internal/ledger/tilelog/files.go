package tilelog

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"adamas.example/internal/store/durable"
)

const (
	dirPerm  = 0o755 // the log is public: a web server of another user serves it
	filePerm = 0o644
)

// folder writes and reads the files of a log by their slash-separated names.
type folder string

func (f folder) path(name string) string {
	return filepath.Join(string(f), filepath.FromSlash(name))
}

// write puts content at name so that after a crash at any point the old or the
// new file is there whole, and after a return of nil the new one. An error is
// durable.ErrUncertain or leaves the old file. Temporary files lie in a folder of their
// own, so that none is ever served and all are found at the next start.
func (f folder) write(name string, content []byte) error {
	target := f.path(name)
	if err := makeDir(filepath.Dir(target)); err != nil {
		return err
	}
	temporary := filepath.Join(f.path(tmpDir), rand.Text())
	err := writeSynced(temporary, content)
	if err == nil {
		err = patiently(durable.Open, func() error { return durable.Replace(temporary, target) })
	}
	if err != nil {
		_ = os.Remove(temporary) // what stays is swept at the next start
		return fmt.Errorf("write %s: %w", target, err)
	}
	return nil
}

func writeSynced(path string, content []byte) (err error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, filePerm)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := file.Write(content); err != nil {
		return err
	}
	return file.Sync()
}

func (f folder) read(name string) (content []byte, err error) {
	err = patiently(durable.Open, func() (err error) {
		content, err = os.ReadFile(f.path(name))
		return err
	})
	return content, err
}

// partialOrFull reads a bundle or tile of a width, 0 for a full one. Once the
// full one is there the partial ones are removed, so it answers for them.
func (f folder) partialOrFull(name func(width uint8) string, width uint8) ([]byte, error) {
	content, err := f.read(name(width))
	if width > 0 && errors.Is(err, fs.ErrNotExist) {
		return f.read(name(0))
	}
	return content, err
}

func (f folder) exists(name string) (bool, error) {
	_, err := os.Lstat(f.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// removeFlat removes a directory of plain files; none there is no error.
func (f folder) removeFlat(name string) error {
	dir := f.path(name)
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := remove(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return remove(dir)
}

func remove(path string) error {
	err := patiently(durable.Open, func() error { return os.Remove(path) })
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// makeDir makes a directory and what is missing above it, durably.
func makeDir(dir string) error {
	err := os.Mkdir(dir, dirPerm)
	if errors.Is(err, fs.ErrNotExist) && filepath.Dir(dir) != dir {
		if err := makeDir(filepath.Dir(dir)); err != nil {
			return err
		}
		err = os.Mkdir(dir, dirPerm)
	}
	switch {
	case err == nil:
		return durable.SyncDir(filepath.Dir(dir))
	case errors.Is(err, fs.ErrExist):
		return nil
	default:
		return err
	}
}

// patiently repeats what another program's open file can refuse for a moment,
// for two seconds in all. On Windows a virus scanner or a web server that has
// the file open keeps it from being replaced (golang.org/issue/32188). The steps
// stay short, for under many readers the moment without one is short too.
func patiently(passing func(error) bool, act func() error) error {
	wait, waited := time.Millisecond, time.Duration(0)
	for {
		err := act()
		if err == nil || !passing(err) || waited >= 2*time.Second {
			return err
		}
		time.Sleep(wait)
		waited += wait
		wait = min(2*wait, 16*time.Millisecond)
	}
}
