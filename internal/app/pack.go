package app

import (
	"context"
	"time"

	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/module"
)

// pack makes a pack of the node's own register.
func (n *node) pack(env *module.Env, roots [][]byte) ([]byte, error) {
	f, err := follow.New(follow.Config{Ledger: n.ledger, Now: env.Now})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(env.Context, time.Minute)
	defer cancel()
	return f.MakePack(ctx, n.office, n.config.Office, env.Now(), roots)
}
