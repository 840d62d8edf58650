//go:build unix

package keyring

import (
	"context"
	"io"
	"net"
)

func dialAgent(ctx context.Context, socket string) (io.ReadWriteCloser, error) {
	var d net.Dialer
	return d.DialContext(ctx, "unix", socket)
}
