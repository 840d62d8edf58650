//go:build unix

package npm

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// lock keeps other test programs of this user out while packages are being
// installed. It ends with the process, however that ends.
func lock(web string) (unlock func(), err error) {
	name := fmt.Sprintf("adamas-npm-%d-%x.lock", os.Getuid(), sha256.Sum256([]byte(web)))
	f, err := os.OpenFile(filepath.Join(os.TempDir(), name), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		f.Close()
		return nil, err
	}
	return func() { f.Close() }, nil
}
