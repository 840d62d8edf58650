package tiles

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"adamas.example/internal/fault"
	"adamas.example/internal/store/durable"
)

const (
	dirPerm  = 0o755 // what is copied is public: a web server of another user serves it
	filePerm = 0o644
)

// folder writes and reads files by their slash-separated names. New files begin
// in the folder temp, so that a cut-off write never lies among what is served.
type folder struct {
	dir  string
	temp string
}

func (f folder) path(name string) string { return filepath.Join(f.dir, filepath.FromSlash(name)) }

func (f folder) read(name string) ([]byte, error) { return os.ReadFile(f.path(name)) }

// write puts content at name: after a crash the old file or the new one is
// there whole, after a return of nil the new one.
func (f folder) write(name string, content []byte) error {
	file, err := f.create()
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return f.finish(file, name, err)
}

// create begins a new file.
func (f folder) create() (*os.File, error) {
	if err := makeDir(f.path(f.temp)); err != nil {
		return nil, cannotWrite(f.path(f.temp), err)
	}
	path := filepath.Join(f.path(f.temp), rand.Text())
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, filePerm)
	if err != nil {
		return nil, cannotWrite(path, err)
	}
	return file, nil
}

// finish gives a begun file its name, or removes it when writing it has failed.
func (f folder) finish(file *os.File, name string, failed error) error {
	target := f.path(name)
	if failed == nil {
		failed = file.Sync()
	}
	failed = errors.Join(failed, file.Close())
	if failed == nil {
		failed = makeDir(filepath.Dir(target))
	}
	if failed == nil {
		failed = os.Rename(file.Name(), target)
	}
	if failed != nil {
		os.Remove(file.Name()) // what stays is swept
		return cannotWrite(target, failed)
	}
	if err := durable.SyncDir(filepath.Dir(target)); err != nil {
		return cannotWrite(target, err)
	}
	return nil
}

func cannotWrite(path string, err error) error {
	return fault.CannotCreate("ledger.cannot_write", fault.File(path), fault.Because(err))
}

// sweep removes begun files; the caller knows that nobody is writing one.
func (f folder) sweep() error {
	if err := os.RemoveAll(f.path(f.temp)); err != nil {
		return fmt.Errorf("tiles: sweep: %w", err)
	}
	return nil
}

// makeDir makes a directory and what is missing above it, durably.
func makeDir(dir string) error {
	err := os.Mkdir(dir, dirPerm)
	if errors.Is(err, os.ErrNotExist) && filepath.Dir(dir) != dir {
		if err := makeDir(filepath.Dir(dir)); err != nil {
			return err
		}
		err = os.Mkdir(dir, dirPerm)
	}
	switch {
	case err == nil:
		return durable.SyncDir(filepath.Dir(dir))
	case errors.Is(err, os.ErrExist):
		return nil
	}
	return err
}
