package app

import (
	"context"
	"time"

	"adamas.example/internal/app/node"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/module"
)

// pack makes a pack of the node's own register.
func makePack(env *module.Env, n *node.Node, roots [][]byte) ([]byte, error) {
	f, err := follow.New(follow.Config{Ledger: n.Ledger, Now: env.Now})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(env.Context, time.Minute)
	defer cancel()
	return f.MakePack(ctx, n.Office, n.Config.Office, env.Now(), roots)
}
