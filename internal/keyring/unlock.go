package keyring

import (
	"context"
	"os"
	"path/filepath"
)

// Secret gives what Unlock will need, asked for now: "" for a folder that opens
// without a passphrase. It is for who hands the work on to a process that has no
// terminal to ask at. Faults: those of Open, and of ask.
func Secret(ctx context.Context, dir string, ask func(context.Context) (string, error)) (string, error) {
	if _, err := Unlock(dir, nil); err != nil {
		return "", err
	}
	if _, err := os.Stat(filepath.Join(dir, demonstrationFile)); err == nil {
		return "", nil
	}
	return ask(ctx)
}

// Unlock opens an existing folder by what it says of itself: without a
// passphrase when it is the demonstration's, else with the passphrase that ask
// gives when a key is first needed. Faults: those of Open.
func Unlock(dir string, ask func(context.Context) (string, error)) (*Ring, error) {
	if _, err := os.Stat(filepath.Join(dir, demonstrationFile)); err == nil {
		return Open(dir, Demonstration())
	}
	return Open(dir, &Passphrase{Ask: ask}) // which says what is wrong with the folder
}
