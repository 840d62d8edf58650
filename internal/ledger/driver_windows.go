package ledger

import (
	"context"

	"github.com/transparency-dev/tessera"

	"adamas.example/internal/ledger/tilelog"
)

// newDriver: Tessera's own driver does not compile here (docs/adr/0004).
func newDriver(_ context.Context, cfg LogConfig) (tessera.Driver, error) {
	return tilelog.Open(tilelog.Config{Dir: cfg.Dir, HTTP: cfg.HTTP})
}
