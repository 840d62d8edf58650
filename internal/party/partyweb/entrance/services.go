package entrance

import (
	"crypto/rand"
	"net"
	"net/url"
	"path/filepath"
	"slices"

	"adamas.example/internal/ident"
	"adamas.example/internal/module"
	"adamas.example/internal/party/people"
)

// keyFile seals the secrets of sign-in codes; it stands among the node's keys, and not in
// the database whose copy may be lost.
const keyFile = "keys/people.key"

// Services opens the office's people. Passkeys belong to one name of the office (bound);
// where it is reached by none that browsers trust, there are no passkeys.
func Services(n *module.Node) ([]any, error) {
	key, err := people.LoadKey(filepath.Join(n.Dir, filepath.FromSlash(keyFile)))
	if err != nil {
		return nil, err
	}
	c := people.Config{Store: n.Ledger.Store(), Now: n.Now, Entropy: rand.Reader, Office: ident.OfficeID(n.Office), Key: key}
	c.RPID, c.Origins = bound(append([]string{n.URL}, n.Origins...))
	s, err := people.New(c)
	if err != nil {
		return nil, err
	}
	return []any{s}, nil
}

// bound picks from the addresses of an office, the one for links first, the name that
// passkeys belong to, and those of the addresses that bear it. A passkey needs a name and
// https (W3C WebAuthn §5.1.3, Secure Contexts §3.1): an address in digits has none, and
// this computer's own name serves only where there is no other.
func bound(addresses []string) (name string, origins []string) {
	hosts := map[string][]string{}
	for _, a := range addresses {
		u, err := url.Parse(a)
		if err != nil || u.Host == "" || net.ParseIP(u.Hostname()) != nil || u.Scheme != "https" && u.Hostname() != "localhost" {
			continue
		}
		host, origin := u.Hostname(), u.Scheme+"://"+u.Host
		if name == "" || name == "localhost" && host != name {
			name = host
		}
		if !slices.Contains(hosts[host], origin) {
			hosts[host] = append(hosts[host], origin)
		}
	}
	return name, hosts[name]
}
