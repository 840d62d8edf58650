package keyring

import (
	"context"
	"errors"
	"io/fs"

	"adamas.example/internal/fault"
)

// keptSuffix marks what lies in a ring and is no key for statements, notes or
// messages: Cards does not list it.
const keptSuffix = ".kept.age"

// Keep puts a secret of another use into the ring, closed by its lock: the key by
// which a node answers browsers in its own building. What is there is not replaced.
// Faults: keyring.name, exists, write, and those of the lock.
func (r *Ring) Keep(ctx context.Context, name string, secret []byte) error {
	if !validName(name) {
		return fault.Invalid("keyring.name", fault.At("name"), fault.Text(name))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	to, err := r.lock.recipient(ctx, r.dir)
	if err != nil {
		return err
	}
	sealed, err := seal(to, secret)
	if err != nil {
		return err
	}
	path := r.path(name, keptSuffix)
	return putFailed(name, path, writeNew(path, sealed))
}

// Kept opens what Keep has put there. Faults: keyring.key_missing, too_open, damaged,
// wrong_passphrase, wrong_identity, other_lock.
func (r *Ring) Kept(ctx context.Context, name string) ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	path := r.path(name, keptSuffix)
	b, err := readPrivate(path, maxKeyFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.NotFound("keyring.key_missing", fault.Arg("name", name), fault.File(path), fault.Because(err))
	}
	if err != nil {
		return nil, err
	}
	return r.text(ctx, name, path, b)
}
