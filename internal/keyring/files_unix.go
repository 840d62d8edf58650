//go:build unix

package keyring

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// tooOpen tells whether a mode lets group or others do anything.
func tooOpen(m fs.FileMode) bool { return m.Perm()&0o077 != 0 }

// renameDurably moves a synced file over another; the move is on the disk once
// the folder is synced.
func renameDurably(from, to string) (err error) {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	d, err := os.Open(filepath.Dir(to))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return d.Sync()
}
