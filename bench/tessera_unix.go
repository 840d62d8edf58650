//go:build unix

package main

import (
	"context"
	"net/http"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"
)

func newDriver(ctx context.Context, dir string, client *http.Client) (tessera.Driver, error) {
	return posix.New(ctx, posix.Config{Path: dir, HTTPClient: client})
}
