// Package officers finds the keys of an office's officers at a node: a folder of keys for
// each, by his login, in the node's folder "officers". An officer signs with a key of his
// own, never with the office's, so that a certificate can show four eyes (KPCS Annex II).
//
// Imports: floor 0, keyring.
package officers

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
	"adamas.example/verify/statement"
)

// Folder is the folder of the officers' folders in a node's folder.
const Folder = "officers"

// loginForm keeps a login from being a path.
var loginForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._@-]{0,60}$`)

// Officer is somebody with a key to sign with.
type Officer struct {
	Login, Label string
	Key          statement.KeyID
	Open         bool   // a demonstration's key, which asks for no passphrase
	name         string // of the key in its folder
}

// At is a node's folder.
type At string

// Ring is the folder of an officer's keys.
func (a At) Ring(login string) string { return filepath.Join(string(a), Folder, login) }

// All lists the officers who have keys, by login. A folder that cannot be read is
// nobody's.
func (a At) All() (out []Officer) {
	entries, err := os.ReadDir(filepath.Join(string(a), Folder))
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if o, err := a.Of(e.Name()); err == nil {
			out = append(out, o)
		}
	}
	return out
}

// Of finds the key of a login. Fault keyring.no_officer at the field "passphrase", with
// which a page asks for it.
func (a At) Of(login string) (Officer, error) {
	none := fault.NotFound("keyring.no_officer", fault.At("passphrase"), fault.Arg("login", login))
	if !loginForm.MatchString(login) {
		return Officer{}, none
	}
	ring, err := keyring.Unlock(a.Ring(login), nil)
	if err != nil {
		return Officer{}, none
	}
	cards, err := ring.Cards()
	if i := slices.IndexFunc(cards, func(c *keyring.Card) bool { return c.Purpose == keyring.Officer }); i >= 0 {
		return Officer{Login: login, Label: cards[i].Label(), Key: cards[i].KeyID(), Open: cards[i].Synthetic, name: cards[i].Name}, nil
	}
	if err != nil {
		return Officer{}, err
	}
	return Officer{}, none
}

// Signer opens the key of a login for one act. Faults: keyring.no_officer, those of
// keyring.Unlock and Ring.Signer at the field "passphrase".
func (a At) Signer(ctx context.Context, login, passphrase string) (*keyring.Signer, error) {
	o, err := a.Of(login)
	if err != nil {
		return nil, err
	}
	ring, err := keyring.Unlock(a.Ring(login), func(context.Context) (string, error) { return passphrase, nil })
	if err != nil {
		return nil, fault.Locate(err, fault.At("passphrase"))
	}
	s, err := ring.Signer(ctx, o.name, keyring.Officer)
	if err != nil {
		return nil, fault.Locate(err, fault.At("passphrase"))
	}
	return s, nil
}
