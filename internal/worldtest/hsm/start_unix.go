//go:build unix

package hsm

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// script starts an agent at socket $1 that may load the libraries $2, says
// "pid N", and ends it when standard input closes; then, if nobody is left who
// would, it removes the folder $3. Only the process it started gets a signal.
const script = `
ssh-agent -D -a "$1" -P "$2" >/dev/null 2>"$3/agent.log" </dev/null &
pid=$!
echo "pid $pid"
read -r order
kill "$pid"
wait "$pid"
[ "$order" = keep ] || rm -rf "$3"
`

// process is a shell and the agent it started.
type process struct {
	cmd   *exec.Cmd
	alive io.WriteCloser // the agent ends when the last holder closes this
	pid   int            // of the agent
}

func dial(socket string) (net.Conn, error) { return net.Dial("unix", socket) }

// start runs the shell in a session of its own: an interrupt typed at the
// terminal reaches the test process, and the shell only by the closing pipe.
func start(dir, socket string, env []string) (*process, error) {
	stdin, alive, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer stdin.Close()
	cmd := exec.Command("/bin/sh", "-c", script, "hsm", socket, strings.Join(libraries, ","), dir)
	cmd.Env, cmd.Dir, cmd.Stdin = env, dir, stdin
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		alive.Close()
		return nil, err
	}
	p := &process{cmd: cmd, alive: alive}
	lines := bufio.NewScanner(stdout)
	lines.Scan()
	said, ok := strings.CutPrefix(lines.Text(), "pid ")
	if p.pid, err = strconv.Atoi(said); !ok || err != nil {
		p.stop()
		return nil, fmt.Errorf("the shell said %q", lines.Text())
	}
	return p, nil
}

// stop ends the agent, keeps the folder, and waits for both processes.
func (p *process) stop() {
	io.WriteString(p.alive, "keep\n")
	p.alive.Close()
	p.cmd.Wait()
}
