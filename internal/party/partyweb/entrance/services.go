package entrance

import (
	"crypto/rand"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"adamas.example/internal/ident"
	"adamas.example/internal/module"
	"adamas.example/internal/party/people"
	"adamas.example/internal/party/signatory"
)

// keyFile seals the secrets of sign-in codes; it stands among the node's keys, and not in
// the database whose copy may be lost.
const keyFile = "keys/people.key"

// Services opens the office's people, and the book of its signatories. Passkeys belong to one name of the office (bound);
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
	return []any{s, NewAssent(s), signatory.New(s, n.Ledger.Store(), n.Dir, c.Office, n.Now)}, nil
}

// bound picks from the addresses of an office, the one for links first, the name that
// passkeys belong to, and those of the addresses that bear it. A passkey needs https and
// the name of a domain (W3C WebAuthn §5.1.2, Secure Contexts §3.1): an address in digits
// is none, nor is a name without a dot but localhost, which serves where there is no other.
func bound(addresses []string) (name string, origins []string) {
	hosts := map[string][]string{}
	for _, a := range addresses {
		u, err := url.Parse(a)
		if err != nil || u.Host == "" || net.ParseIP(u.Hostname()) != nil {
			continue
		}
		host, origin := u.Hostname(), u.Scheme+"://"+u.Host
		if host != "localhost" && (u.Scheme != "https" || !strings.Contains(host, ".")) {
			continue
		}
		if name == "" || name == "localhost" && host != name {
			name = host
		}
		if !slices.Contains(hosts[host], origin) {
			hosts[host] = append(hosts[host], origin)
		}
	}
	return name, hosts[name]
}
