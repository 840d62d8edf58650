package witness

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/windows"
)

// renameDurably moves a synced file over another. Windows has no fsync of a
// directory; MOVEFILE_WRITE_THROUGH returns once the move is on the disk.
func renameDurably(from, to string) error {
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
	case errors.Is(err, windows.ERROR_ACCESS_DENIED), errors.Is(err, windows.ERROR_SHARING_VIOLATION):
		return err // refused before anything moved: a virus scanner holds the file
	default:
		return fmt.Errorf("%w: %w", errUncertain, err)
	}
}

func syncDir(string) error { return nil }

// errTaken: another process, or another Witness of this one, has the lock.
var errTaken = windows.ERROR_LOCK_VIOLATION

// lockFile takes an exclusive LockFileEx on the first byte without waiting. The
// system gives it back when the process ends, however it ends.
func lockFile(f *os.File) error {
	return windows.LockFileEx(windows.Handle(f.Fd()),
		windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, new(windows.Overlapped))
}

// unlockFile gives the lock back by closing the file.
func unlockFile(f *os.File) error { return f.Close() }
