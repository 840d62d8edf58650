//go:build unix

package durable

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// TestNewUnsynced: a folder that cannot be synced keeps no file of which New has said that
// it is not there. The folder is not opened since the process may open no more files.
func TestNewUnsynced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "k")
	var most unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &most); err != nil {
		t.Fatal(err)
	}
	err := New(path, 0o600, func(w io.Writer) error {
		_, err := w.Write([]byte("whole"))
		return errors.Join(err, unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 1, Max: most.Max}))
	})
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &most); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(err, unix.EMFILE) {
		t.Errorf("the folder was synced: %v", err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 0 {
		t.Errorf("left %v %v", left, err)
	}
}
