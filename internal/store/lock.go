package store

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/store/durable"
)

// lockName is the file that keeps a second process out of a data folder.
const lockName = "adamas.lock"

// folderLock is held from lockFolder to release, and let go by the operating
// system when the process dies. The file stays: removing it would let two
// processes hold "the" lock on two files of one name.
type folderLock struct{ file *os.File }

// lockFolder takes the data folder for this process, making it if need be. The
// fault store.folder_in_use names the holder's process number and since when.
func lockFolder(dir string) (*folderLock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fault.CannotCreate("store.cannot_create", fault.File(dir), fault.Because(err))
	}
	path := filepath.Join(dir, lockName)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fault.CannotCreate("store.cannot_create", fault.File(path), fault.Because(err))
	}
	if err := durable.Lock(f); err != nil {
		defer f.Close()
		if errors.Is(err, durable.ErrTaken) {
			return nil, heldBy(f, dir)
		}
		return nil, fmt.Errorf("store: lock %s: %w", path, err)
	}
	l := &folderLock{f}
	if err := l.sign(); err != nil {
		l.release()
		return nil, fault.CannotCreate("store.cannot_create", fault.File(path), fault.Because(err))
	}
	return l, nil
}

// sign leaves the process number for others to read; the file's time says since
// when.
func (l *folderLock) sign() error {
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err := l.file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

func heldBy(f *os.File, dir string) error {
	content := make([]byte, 32)
	n, _ := f.ReadAt(content, 0)
	pid, _ := strconv.Atoi(string(bytes.TrimSpace(content[:n]))) // 0: not yet written
	since := time.Time{}
	if info, err := f.Stat(); err == nil {
		since = info.ModTime().UTC()
	}
	return fault.Busy("store.folder_in_use", fault.File(dir), fault.Arg("pid", strconv.Itoa(pid)), fault.Arg("since", since))
}

func (l *folderLock) release() error { return durable.Unlock(l.file) }
