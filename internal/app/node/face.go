package node

import (
	"context"
	"crypto/rand"

	"filippo.io/age"

	"adamas.example/internal/keyring"
	"adamas.example/internal/ledger/exchange"
	"adamas.example/internal/module"
)

// Face is an open node as the modules see it, with its post and what they bring to
// it. Its Close closes the node. Fault keyring.root_missing.
func (n *Node) Face(env *module.Env, modules []module.Module) (*module.Node, error) {
	roots, err := n.Roots()
	if err != nil {
		return nil, err
	}
	f := &module.Node{Office: n.Config.Office, URL: n.Config.URL, Origins: n.Origins, Station: n.Config.Station, Synthetic: n.Config.Synthetic, LogFolder: n.Config.LogDir(n.Dir),
		Dir: n.Dir, Signer: n.Office, Ledger: n.Ledger, Roots: roots, Rules: n.Rules, Now: env.Now, Services: []any{n.Desk}, Close: n.Close}
	f.Post = exchange.New(exchange.Config{Ledger: n.Ledger, Office: n.Config.Office, Synthetic: n.Config.Synthetic, Signer: n.Office,
		Identities: n.messageKeys, Roots: n.Roots, Peers: n.Config.Peers, Dir: n.Dir, Now: env.Now, Entropy: rand.Reader,
		Slog: env.Logger()})
	return f, f.Join(modules)
}

// messageKeys opens every key in the ring that messages may be encrypted to: while
// one follows another, some are still written to the old one.
func (n *Node) messageKeys(ctx context.Context) (out []age.Identity, err error) {
	cards, err := n.Ring.Cards()
	if err != nil {
		return nil, err
	}
	for _, c := range cards {
		if c.Purpose != keyring.Message {
			continue
		}
		id, err := n.Ring.Messages(ctx, c.Name)
		if err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, nil
}
