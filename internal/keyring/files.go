package keyring

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"adamas.example/internal/fault"
	"adamas.example/internal/store/durable"
)

// maxKeyFile bounds an encrypted key file in bytes; real ones have under 2,000.
const maxKeyFile = 16 << 10

// writeNew puts content, for its owner alone, where nothing may be yet (else fs.ErrExist).
func writeNew(path string, content []byte) error {
	return durable.New(path, 0o600, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// readPrivate reads a file that nobody but its owner may read. The mode is that
// of the opened file, so that it cannot be exchanged in between. Errors:
// fs.ErrNotExist, else faults.
func readPrivate(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err != nil {
		return nil, errRead(path, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, errRead(path, err)
	}
	if !info.Mode().IsRegular() || info.Size() > most {
		return nil, errDamaged(path, fmt.Errorf("%s of %d bytes", info.Mode(), info.Size()))
	}
	if err := checkMode(path, info); err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, errRead(path, err)
	}
	return b, nil
}

func checkMode(path string, info fs.FileInfo) error {
	if tooOpen(info.Mode()) {
		return fault.Forbidden("keyring.too_open", fault.File(path), fault.Arg("mode", fmt.Sprintf("%04o", info.Mode().Perm())))
	}
	return nil
}

func checkFolder(dir string) error {
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = fs.ErrNotExist
	}
	if err != nil {
		return fault.NotFound("keyring.folder_missing", fault.File(dir), fault.Because(err))
	}
	return checkMode(dir, info)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

func errWrite(path string, err error) error {
	return fault.IO("keyring.write", fault.File(path), fault.Because(err))
}

func errRead(path string, err error) error {
	return fault.IO("keyring.read", fault.File(path), fault.Because(err))
}

func errDamaged(path string, err error) error {
	return fault.Corrupt("keyring.damaged", fault.File(path), fault.Because(err))
}
