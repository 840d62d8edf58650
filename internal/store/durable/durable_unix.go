//go:build unix

package durable

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Replace moves a synced file over another, which may be missing. The move is
// on the disk only once the folder is synced; when that fails the error is
// ErrUncertain.
func Replace(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	if err := SyncDir(filepath.Dir(to)); err != nil {
		return fmt.Errorf("%w: %w", ErrUncertain, err)
	}
	return nil
}

// SyncDir makes the names in a folder durable.
func SyncDir(dir string) (err error) {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return d.Sync()
}

// Open tells whether err says that another program has the file open; here that
// never keeps anybody from replacing it.
func Open(error) bool { return false }

// ErrTaken: somebody else, in this process or another, has the lock.
var ErrTaken = unix.EWOULDBLOCK

// Lock takes an exclusive flock(2), which belongs to the open file, without
// waiting. The kernel gives it back when the process ends, however it ends.
func Lock(f *os.File) error { return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) }

// Unlock gives the lock back and closes the file. Closing alone would not do
// while a child that was just forked, and has not yet become its program, still
// has the file open.
func Unlock(f *os.File) error {
	return errors.Join(unix.Flock(int(f.Fd()), unix.LOCK_UN), f.Close())
}
