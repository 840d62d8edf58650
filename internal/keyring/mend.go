package keyring

import (
	"context"
	"errors"
	"os"
	"strings"

	"adamas.example/internal/store/durable"
)

// Mend finishes what a power cut has left of New and of Keep, and loses nothing: a card
// that is missing is written anew out of its key; files in which nothing stands, and files
// that were never given their names, are taken away. Faults: keyring.read, write, damaged,
// and those of the lock, which is opened only where a card is missing.
func (r *Ring) Mend(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	entries, err := os.ReadDir(r.dir)
	if err != nil {
		return errRead(r.dir, err)
	}
	for _, e := range entries {
		if err := r.clear(e.Name()); err != nil {
			return err
		}
	}
	for _, e := range entries {
		name, isKey := strings.CutSuffix(e.Name(), keySuffix)
		if !isKey || !exists(r.path(name, keySuffix)) || exists(r.path(name, cardSuffix)) {
			continue
		}
		if err := r.writeCard(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// clear takes a file of a ring away that claims its name and holds nothing, or has none yet.
func (r *Ring) clear(name string) error {
	path := r.path(name, "")
	of, unfinished := durable.Unfinished(name)
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > 0 && !unfinished || !strings.HasSuffix(of, ".age") && !strings.HasSuffix(of, cardSuffix) && of != demonstrationFile {
		return nil
	}
	if err := os.Remove(path); err != nil {
		return errWrite(path, err)
	}
	return nil
}

// writeCard writes the card that a key file has inside.
func (r *Ring) writeCard(ctx context.Context, name string) error {
	path := r.path(name, keySuffix)
	sealed, err := readPrivate(path, maxKeyFile)
	if err != nil {
		return err
	}
	card, _, err := r.unsealed(ctx, name, sealed)
	if err != nil {
		return err
	}
	if card.Name != name {
		return errDamaged(path, errors.New("the key of "+card.Name))
	}
	return r.putCard(card, sealed)
}
