package tiles

import (
	"os"

	"golang.org/x/sys/windows"
)

// syncDir does nothing: NTFS writes names through its own journal, in order.
func syncDir(string) error { return nil }

// errTaken: somebody else has the lock.
var errTaken = windows.ERROR_LOCK_VIOLATION

// lockFile takes an exclusive lock on the first byte without waiting; the
// system gives it back when the file is closed or the process ends.
func lockFile(f *os.File) error {
	return windows.LockFileEx(windows.Handle(f.Fd()),
		windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, new(windows.Overlapped))
}
