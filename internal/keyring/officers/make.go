package officers

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
	"adamas.example/internal/store/durable"
)

// keyName is the name of an officer's key in his folder.
const keyName = "officer"

// making lets one key be made at a time: each may take 256 MiB, and two for one login
// would work in the same folder.
var making sync.Mutex

// Make makes the key of a login who has none, whole or not at all: in a folder beside it,
// which no login can name, and which the next try clears away when this one is cut short.
// What stands in the officer's folder is never replaced. Faults: keyring.officer_exists,
// officer_login, folder_create, and those of Ring.New.
func (a At) Make(ctx context.Context, login string, lock keyring.Lock, created time.Time) (Officer, error) {
	making.Lock()
	defer making.Unlock()
	entries, err := os.ReadDir(a.Ring(login))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Officer{}, fault.CannotCreate("keyring.folder_create", fault.File(a.Ring(login)), fault.Because(err))
	}
	if len(entries) > 0 {
		return Officer{}, fault.Conflict("keyring.officer_exists", fault.Arg("login", login))
	}
	return a.put(ctx, login, "", lock, created)
}

// Replace makes another key in the place of a login's, whose folder is set aside and kept:
// what it approved is checked by its card, and whoever knows its passphrase finds it
// there. Killed between the two, the officer has no key, and makes one. Faults: as of
// Make, keyring.no_officer.
func (a At) Replace(ctx context.Context, login string, lock keyring.Lock, created time.Time) (Officer, error) {
	making.Lock()
	defer making.Unlock()
	old, err := a.Of(login)
	if err != nil {
		return Officer{}, err
	}
	return a.put(ctx, login, filepath.Join(string(a), Folder, "."+login+"."+old.Key.String()), lock, created)
}

// put makes a key in a folder of its own, and gives that the login's name once it is
// whole. What stands there goes to aside; "": it is an empty folder, or none.
func (a At) put(ctx context.Context, login, aside string, lock keyring.Lock, created time.Time) (Officer, error) {
	if !loginForm.MatchString(login) {
		return Officer{}, fault.Invalid("keyring.officer_login", fault.Text(login))
	}
	final, temp := a.Ring(login), filepath.Join(string(a), Folder, "."+login+".making")
	if err := os.RemoveAll(temp); err != nil {
		return Officer{}, fault.CannotCreate("keyring.folder_create", fault.File(temp), fault.Because(err))
	}
	defer os.RemoveAll(temp)
	ring, err := keyring.Create(temp, lock)
	if err == nil {
		_, err = ring.New(ctx, keyring.Spec{Name: keyName, Purpose: keyring.Officer, Created: created})
	}
	if err != nil {
		return Officer{}, err
	}
	if err := place(temp, final, aside); err != nil {
		return Officer{}, fault.CannotCreate("keyring.folder_create", fault.File(final), fault.Because(err))
	}
	return a.Of(login)
}

// place gives a whole folder the name final, and what stands there the name aside. When it
// fails, what stood there stands there again.
func place(temp, final, aside string) (err error) {
	if aside != "" {
		err = os.Rename(final, aside)
	} else if err = os.Remove(final); errors.Is(err, fs.ErrNotExist) { // Windows renames onto none, not even onto an empty one
		err = nil
	}
	if err != nil {
		return err
	}
	if err = os.Rename(temp, final); err == nil {
		return durable.SyncDir(filepath.Dir(final))
	}
	if aside != "" {
		err = errors.Join(err, os.Rename(aside, final))
	}
	return err
}

// Card is what the authority gets of a login's key. Fault keyring.no_officer.
func (a At) Card(login string) (*keyring.Card, error) {
	o, err := a.Of(login)
	if err != nil {
		return nil, err
	}
	ring, err := keyring.Unlock(a.Ring(login), nil)
	if err != nil {
		return nil, err
	}
	return ring.Card(o.name)
}
