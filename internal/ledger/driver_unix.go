//go:build unix

package ledger

import (
	"context"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"
)

func newDriver(ctx context.Context, cfg LogConfig) (tessera.Driver, error) {
	return posix.New(ctx, posix.Config{Path: cfg.Dir, HTTPClient: cfg.HTTP})
}
