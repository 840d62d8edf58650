package witness

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"adamas.example/internal/store/durable"
)

// replaceFile puts content at dir/name so that after a crash at any point the
// old or the new file is there whole, and after a return of nil the new one:
// temporary file, fsync, rename, fsync of the directory. The temporary name is
// fixed, so that crashes leave at most one behind; callers hold a lock per name.
func replaceFile(dir, name string, content []byte) error {
	path := filepath.Join(dir, name)
	temporary := path + ".tmp"
	if err := writeSynced(temporary, content); err != nil {
		return fmt.Errorf("writing %s: %w", temporary, err)
	}
	if err := durable.Replace(temporary, path); err != nil {
		return fmt.Errorf("replacing %s: %w", path, err)
	}
	return nil
}

func writeSynced(path string, content []byte) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Write(content); err != nil {
		return err
	}
	return f.Sync()
}

// readBounded reads a file of at most limit bytes; a longer one is an error.
func readBounded(path string, limit int64) (content []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	content, err = io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(content)) > limit {
		err = fmt.Errorf("over %d bytes", limit)
	}
	return content, err
}
