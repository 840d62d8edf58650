package store

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// lockFile locks a byte far behind the content: Windows locks are mandatory, and
// others must be able to read whose it is.
func lockFile(f *os.File) error {
	at := windows.Overlapped{OffsetHigh: 0x7fffffff}
	err := windows.LockFileEx(windows.Handle(f.Fd()),
		windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &at)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return errLocked
	}
	return err
}

// syncFolder does nothing: NTFS writes names through its own log, and a folder
// cannot be flushed without administrator's rights.
func syncFolder(string) error { return nil }

// unlockFile gives the lock back by closing the file.
func unlockFile(f *os.File) error { return f.Close() }
