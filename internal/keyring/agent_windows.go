package keyring

import (
	"context"
	"io"
	"net"
	"os"
	"strings"
)

// dialAgent opens the named pipe of Windows' own ssh-agent, or a Unix socket
// such as those of Git's.
func dialAgent(ctx context.Context, socket string) (io.ReadWriteCloser, error) {
	if strings.HasPrefix(socket, `\\.\pipe\`) {
		return os.OpenFile(socket, os.O_RDWR, 0)
	}
	var d net.Dialer
	return d.DialContext(ctx, "unix", socket)
}
