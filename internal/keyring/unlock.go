package keyring

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Unlock opens an existing folder by what it says of itself: without a
// passphrase when it is the demonstration's, else with the passphrase that ask
// gives when a key is first needed. Faults: those of Open.
func Unlock(dir string, ask func(context.Context) (string, error)) (*Ring, error) {
	_, err := os.Stat(filepath.Join(dir, demonstrationFile))
	switch {
	case err == nil:
		return Open(dir, Demonstration())
	case errors.Is(err, fs.ErrNotExist):
		return Open(dir, &Passphrase{Ask: ask})
	}
	return nil, errRead(dir, err)
}
