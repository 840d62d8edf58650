package app

import (
	"context"
	"time"

	"adamas.example/internal/ledger"
	"adamas.example/internal/module"
	"adamas.example/verify/pack"
	"adamas.example/verify/statement"
)

func (n *node) pack(env *module.Env, roots [][]byte) ([]byte, error) {
	c, text := n.ledger.Latest()
	leaves, err := n.log.Leaves(env.Context, 0, c.Checkpoint.Size)
	if err != nil {
		return nil, err
	}
	d, err := pack.Prepare(roots, []pack.Source{{Checkpoint: text, Leaves: leaves}})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(env.Context, time.Minute)
	defer cancel()
	snap := d.Snapshot
	e, err := n.ledger.Record(ctx, n.office, statement.Header{Issuer: n.config.Office, IssuedAt: env.Now().Unix(), Subject: "snapshot", Synthetic: true}, &snap, ledger.Signed)
	if err != nil {
		return nil, err
	}
	return d.Finish(e.Signed)
}
