package entrance

import (
	"crypto/rand"
	"net/url"
	"path/filepath"

	"adamas.example/internal/ident"
	"adamas.example/internal/module"
	"adamas.example/internal/party/people"
)

// keyFile seals the secrets of sign-in codes; it stands among the node's keys, and not in
// the database whose copy may be lost.
const keyFile = "keys/people.key"

// Services opens the office's people. Passkeys belong to the address by which the office
// is known (node.toml, url); without one there are none.
func Services(n *module.Node) ([]any, error) {
	key, err := people.LoadKey(filepath.Join(n.Dir, filepath.FromSlash(keyFile)))
	if err != nil {
		return nil, err
	}
	c := people.Config{Store: n.Ledger.Store(), Now: n.Now, Entropy: rand.Reader, Office: ident.OfficeID(n.Office), Key: key}
	if u, err := url.Parse(n.URL); err == nil && u.Host != "" && (u.Scheme == "https" || u.Hostname() == "localhost") { // W3C Secure Contexts §3.1
		c.RPID, c.Origins = u.Hostname(), []string{u.Scheme + "://" + u.Host}
	}
	s, err := people.New(c)
	if err != nil {
		return nil, err
	}
	return []any{s, NewAssent(s)}, nil
}
