package module

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"adamas.example/internal/fault"
	"adamas.example/internal/store/durable"
)

// ReadFile reads a file that a person has named on the command line, whole. field
// is where it was named ("--pack", "FILE"), most bounds its bytes. Faults:
// module.file_missing, module.file_is_folder, module.file_unreadable,
// module.file_too_large.
func ReadFile(field, path string, most int64) ([]byte, error) {
	unreadable := func(err error) error {
		return fault.NotFound("module.file_unreadable", fault.At(field), fault.File(path), fault.Because(err))
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.NotFound("module.file_missing", fault.At(field), fault.File(path), fault.Because(err))
	}
	if err != nil {
		return nil, unreadable(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, unreadable(err)
	}
	if info.IsDir() {
		return nil, fault.NotFound("module.file_is_folder", fault.At(field), fault.File(path))
	}
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, unreadable(err)
	}
	if int64(len(b)) > most {
		return nil, fault.TooLarge("module.file_too_large", fault.At(field), fault.File(path), fault.Most(most))
	}
	return b, nil
}

// CheckNew refuses a path where something is already, before work is done whose
// result could not be written. Fault module.file_exists.
func CheckNew(field, path string) error {
	if _, err := os.Lstat(path); err == nil {
		return fault.Conflict("module.file_exists", fault.At(field), fault.File(path))
	}
	return nil
}

// WriteNew puts a whole new file in place, durably, or none: a file that is there
// is never replaced, and no half of one is left behind. Its folder must be there.
// Faults: module.file_exists, module.cannot_write.
func WriteNew(field, path string, b []byte, perm fs.FileMode) error {
	return CreateNew(field, path, perm, func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
}

// CreateNew is WriteNew for content that is written piece by piece; after an error
// of write, which is given back, there is no file.
func CreateNew(field, path string, perm fs.FileMode, write func(io.Writer) error) error {
	if err := CheckNew(field, path); err != nil {
		return err
	}
	var failed error
	err := durable.New(path, perm, func(w io.Writer) error {
		failed = write(w)
		return failed
	})
	switch {
	case failed != nil:
		return failed
	case errors.Is(err, fs.ErrExist):
		return fault.Conflict("module.file_exists", fault.At(field), fault.File(path), fault.Because(err))
	case err != nil:
		return fault.CannotCreate("module.cannot_write", fault.At(field), fault.File(path), fault.Because(err))
	}
	return nil
}
