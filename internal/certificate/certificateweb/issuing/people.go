package issuing

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"adamas.example/internal/access"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/filing"
	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
	"adamas.example/internal/lang"
	"adamas.example/internal/web"
	"adamas.example/verify/statement"
)

// roles are those that the visitor holds at this office, in the order of the machine.
func (d *desk) roles(r *http.Request) (out access.RoleList) {
	v := web.VisitorOf(r.Context())
	for _, role := range consignment.Roles() {
		if slices.ContainsFunc(v.Actor.Grants, func(g access.Grant) bool { return g.Role == role && g.Office == d.site.Office() }) {
			out = append(out, role)
		}
	}
	return out
}

func by(r *http.Request) filing.By {
	v := web.VisitorOf(r.Context())
	name := v.Name
	if name == "" {
		name = v.Login
	}
	return filing.By{Login: v.Login, Name: name}
}

// officersFolder holds one folder of keys for each officer, by his login.
const officersFolder = "officers"

// officer is somebody with a key to sign with.
type officer struct {
	Login, Label string
	Key          statement.KeyID
	name         string // of the key in its folder
}

var loginForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._@-]{0,60}$`)

// officers lists the officers who have a folder of keys at this node. A folder that
// cannot be read is nobody's.
func (d *desk) officers() (out []officer) {
	entries, err := os.ReadDir(filepath.Join(d.node.Dir, officersFolder))
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if o, err := d.officer(e.Name()); err == nil {
			out = append(out, o)
		}
	}
	return out
}

// officer finds the officer key of a login. Fault certificate.no_officer_key.
func (d *desk) officer(login string) (officer, error) {
	none := fault.NotFound("certificate.no_officer_key", fault.At("passphrase"), fault.Arg("login", login))
	if !loginForm.MatchString(login) {
		return officer{}, none
	}
	ring, err := keyring.Unlock(d.ring(login), nil)
	if err != nil {
		return officer{}, none
	}
	cards, err := ring.Cards()
	if i := slices.IndexFunc(cards, func(c *keyring.Card) bool { return c.Purpose == keyring.Officer }); i >= 0 {
		return officer{Login: login, Label: cards[i].Label(), Key: cards[i].KeyID(), name: cards[i].Name}, nil
	}
	if err != nil {
		return officer{}, err
	}
	return officer{}, none
}

func (d *desk) ring(login string) string { return filepath.Join(d.node.Dir, officersFolder, login) }

// signer opens the visitor's own key for one act. This is the one place where a page
// comes by a signature: approval by passkey takes its place here. Faults:
// certificate.no_officer_key, those of keyring, at the field "passphrase".
func (d *desk) signer(ctx context.Context, login, passphrase string) (*keyring.Signer, error) {
	o, err := d.officer(login)
	if err != nil {
		return nil, err
	}
	ring, err := keyring.Unlock(d.ring(login), func(context.Context) (string, error) { return passphrase, nil })
	if err != nil {
		return nil, err
	}
	s, err := ring.Signer(ctx, o.name, keyring.Officer)
	if err != nil {
		return nil, fault.Locate(err, fault.At("passphrase"))
	}
	return s, nil
}

// who is an actor of a step in words: an officer by his login, where his key is known.
func who(p *lang.Printer, all []officer, actor string, role access.Role) string {
	for _, o := range all {
		if o.Key.String() == actor {
			return o.Login
		}
	}
	switch role {
	case consignment.Clock:
		return p.T("certificate.issuing.by_time", nil)
	case consignment.Record:
		return p.T("certificate.issuing.by_register", nil)
	}
	if len(actor) == 16 && strings.Trim(actor, "0123456789abcdef") == "" {
		return p.T("certificate.issuing.by_key", lang.Args{"key": actor})
	}
	return actor
}
