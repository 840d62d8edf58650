package partyweb

import (
	"adamas.example/internal/fault"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/module"
	"adamas.example/internal/party/stated"
	"adamas.example/verify/canonical"
	"adamas.example/verify/trust"
)

// Followers are what the authorities of all followed registers state: who they are,
// whose keys are whose, numbers, roles, specimens, standing.
func Followers(n *module.Node) ([]follow.Follower, error) {
	chain, err := trust.ParseChain(n.Roots, canonical.Hash{})
	if err != nil {
		return nil, fault.Unproven("ledger.roots_refused", fault.Because(err))
	}
	v, err := stated.NewView(chain)
	return []follow.Follower{v}, err
}
