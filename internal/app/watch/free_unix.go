//go:build unix

package watch

import "golang.org/x/sys/unix"

// free is how much the node's user may still write on the disk of a folder.
func free(dir string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return uint64(s.Bavail) * uint64(s.Bsize), nil
}
