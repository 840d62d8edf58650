//go:build unix

package tiles

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// syncDir makes the names in dir durable.
func syncDir(dir string) (err error) {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return d.Sync()
}

// errTaken: somebody else has the lock.
var errTaken = unix.EWOULDBLOCK

// lockFile takes an exclusive flock(2) without waiting; the kernel gives it
// back when the file is closed or the process ends.
func lockFile(f *os.File) error { return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) }
