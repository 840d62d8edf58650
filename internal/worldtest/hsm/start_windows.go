package hsm

import (
	"errors"
	"net"
)

type process struct{}

var errUnix = errors.New("the starter needs Unix sockets and a shell")

func dial(string) (net.Conn, error) { return nil, errUnix }

// start has no Windows form: the agent's protocol is tested where SoftHSM2 is.
func start(string, string, []string) (*process, error) { return nil, errUnix }

func (p *process) stop() {}
