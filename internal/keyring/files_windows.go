package keyring

import (
	"io/fs"

	"golang.org/x/sys/windows"
)

// tooOpen is never true: the modes that Go shows on Windows say nothing, the
// folder's access list decides, and by default that is the user's own.
func tooOpen(fs.FileMode) bool { return false }

// renameDurably moves a synced file over another. Windows has no fsync of a
// folder; MOVEFILE_WRITE_THROUGH returns once the move is on the disk.
func renameDurably(from, to string) error {
	source, err := windows.UTF16PtrFromString(from)
	if err != nil {
		return err
	}
	target, err := windows.UTF16PtrFromString(to)
	if err != nil {
		return err
	}
	return windows.MoveFileEx(source, target, windows.MOVEFILE_REPLACE_EXISTING|windows.MOVEFILE_WRITE_THROUGH)
}
