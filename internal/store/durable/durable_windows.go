package durable

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/windows"
)

// Replace moves a synced file over another, which may be missing. Windows has
// no fsync of a folder; MOVEFILE_WRITE_THROUGH returns once the move is on the
// disk. Long paths need no prefix: Go makes the process aware of them (from
// Windows 10 build 15063 on; before that 260 characters are the limit).
func Replace(from, to string) error {
	source, err := windows.UTF16PtrFromString(from)
	if err != nil {
		return err
	}
	target, err := windows.UTF16PtrFromString(to)
	if err != nil {
		return err
	}
	err = windows.MoveFileEx(source, target, windows.MOVEFILE_REPLACE_EXISTING|windows.MOVEFILE_WRITE_THROUGH)
	if err == nil || Open(err) {
		return err // Open: refused before anything moved
	}
	return fmt.Errorf("%w: %w", ErrUncertain, err)
}

// SyncDir does nothing: NTFS writes names through its own journal, in order, and
// a folder cannot be flushed without administrator's rights.
func SyncDir(string) error { return nil }

// Open tells whether err says that another program has the file open, a virus
// scanner for example.
func Open(err error) bool {
	return errors.Is(err, windows.ERROR_ACCESS_DENIED) || errors.Is(err, windows.ERROR_SHARING_VIOLATION)
}

// ErrTaken: somebody else, in this process or another, has the lock.
var ErrTaken = windows.ERROR_LOCK_VIOLATION

// Lock locks one byte far behind any content, without waiting: Windows locks
// are mandatory, and others must be able to read whose the file is. The system
// gives it back when the process ends, however it ends.
func Lock(f *os.File) error {
	return windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY,
		0, 1, 0, &windows.Overlapped{OffsetHigh: 0x7fffffff})
}

// Unlock gives the lock back by closing the file.
func Unlock(f *os.File) error { return f.Close() }
