//go:build !windows

package witness

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// renameDurably moves a synced file over another. The rename itself is on the
// disk only once the directory is synced; if that fails, the outcome is
// uncertain.
func renameDurably(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	if err := syncDir(filepath.Dir(to)); err != nil {
		return fmt.Errorf("%w: %w", errUncertain, err)
	}
	return nil
}

func syncDir(dir string) (err error) {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return d.Sync()
}

// errTaken: another process, or another Witness of this one, has the lock.
var errTaken = unix.EWOULDBLOCK

// lockFile takes an exclusive flock(2) without waiting. The kernel gives it
// back when the process ends, however it ends.
func lockFile(f *os.File) error {
	return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
}

// unlockFile gives the lock back and closes the file. Closing alone would not
// do while a child that was just forked, and has not yet become its program,
// still has the file open: the lock belongs to the open file.
func unlockFile(f *os.File) error {
	return errors.Join(unix.Flock(int(f.Fd()), unix.LOCK_UN), f.Close())
}
