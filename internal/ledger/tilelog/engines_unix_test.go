//go:build unix

package tilelog

import (
	"context"
	"net/http"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"
)

func engines() []engine { return []engine{ours(), theirs()} }

func theirs() engine {
	return engine{"posix", func(dir string, hc *http.Client) (tessera.Driver, func() error, error) {
		d, err := posix.New(context.Background(), posix.Config{Path: dir, HTTPClient: hc})
		return d, func() error { return nil }, err
	}}
}
