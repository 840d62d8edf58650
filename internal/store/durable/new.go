package durable

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// New puts a file in place that must not be there yet (else fs.ErrExist), so that after a
// crash it is there whole or not at all; after an error it is not there. Only on a file
// system without hard links (a stick formatted FAT) it may then be there and empty: an empty
// file claims the name first.
func New(path string, perm fs.FileMode, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone already when it was renamed
	err = write(f)
	if err := errors.Join(err, f.Chmod(perm), f.Sync(), f.Close()); err != nil {
		return err
	}
	switch err = os.Link(f.Name(), path); {
	case err == nil:
		if err := SyncDir(filepath.Dir(path)); err != nil {
			return errors.Join(err, os.Remove(path))
		}
		return nil
	case errors.Is(err, fs.ErrExist):
		return err
	}
	claim, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return err
	}
	if err := errors.Join(claim.Close(), Replace(f.Name(), path)); err != nil {
		// Told, not wrapped: a folder that is not empty would read as fs.ErrExist.
		return fmt.Errorf("%w (cleaning up: %v)", err, os.Remove(path))
	}
	return nil
}

// Unfinished tells whether a name in a folder is that of a file which New was still writing
// when it was cut short, and which file it was to be; of is the name itself where it is not.
func Unfinished(name string) (of string, is bool) {
	hidden, is := strings.CutPrefix(name, ".")
	i := strings.LastIndexByte(hidden, '.')
	if !is || i <= 0 || i+1 == len(hidden) || strings.Trim(hidden[i+1:], "0123456789") != "" {
		return name, false
	}
	return hidden[:i], true
}
