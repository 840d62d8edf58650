package main

import (
	"context"
	"net/http"

	"github.com/transparency-dev/tessera"

	"adamas.example/internal/ledger/tilelog"
)

// newDriver: Tessera's own driver does not compile here (docs/adr/0004), so both
// sides have the portable one.
func newDriver(_ context.Context, dir string, client *http.Client) (tessera.Driver, error) {
	return tilelog.Open(tilelog.Config{Dir: dir, HTTP: client})
}
