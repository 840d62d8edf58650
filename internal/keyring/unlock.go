package keyring

import (
	"context"
	"os"
	"path/filepath"
)

// Unlock opens an existing folder by what it says of itself: without a
// passphrase when it is the demonstration's, else with the passphrase that ask
// gives when a key is first needed. Faults: those of Open.
func Unlock(dir string, ask func(context.Context) (string, error)) (*Ring, error) {
	if _, err := os.Stat(filepath.Join(dir, demonstrationFile)); err == nil {
		return Open(dir, Demonstration())
	}
	return Open(dir, &Passphrase{Ask: ask}) // which says what is wrong with the folder
}
