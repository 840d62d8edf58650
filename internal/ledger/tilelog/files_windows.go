package tilelog

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/windows"
)

// replace moves a synced file over another. Windows has no fsync of a
// directory; MOVEFILE_WRITE_THROUGH returns once the move is on the disk. Long
// paths need no prefix: Go makes the process aware of them (from Windows 10
// build 15063 on; before that 260 characters are the limit).
func replace(from, to string) error {
	source, err := windows.UTF16PtrFromString(from)
	if err != nil {
		return err
	}
	target, err := windows.UTF16PtrFromString(to)
	if err != nil {
		return err
	}
	err = windows.MoveFileEx(source, target, windows.MOVEFILE_REPLACE_EXISTING|windows.MOVEFILE_WRITE_THROUGH)
	switch {
	case err == nil:
		return nil
	case passing(err):
		return err // refused before anything moved
	default:
		return fmt.Errorf("%w: %w", errUncertain, err)
	}
}

// syncDir does nothing: NTFS writes names through its own journal, in order, so
// that a flushed file in a new directory brings the directory with it.
func syncDir(string) error { return nil }

// passing: the file or its target is open in another program.
func passing(err error) bool {
	return errors.Is(err, windows.ERROR_ACCESS_DENIED) || errors.Is(err, windows.ERROR_SHARING_VIOLATION)
}

// errTaken: another Driver, of this process or another, has the lock.
var errTaken = windows.ERROR_LOCK_VIOLATION

// lockFile takes an exclusive LockFileEx on the first byte without waiting. The
// system gives it back when the process ends, however it ends.
func lockFile(f *os.File) error {
	return windows.LockFileEx(windows.Handle(f.Fd()),
		windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, new(windows.Overlapped))
}

// unlockFile gives the lock back by closing the file.
func unlockFile(f *os.File) error { return f.Close() }
