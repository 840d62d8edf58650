//go:build unix

package litewitness

import (
	"errors"
	"fmt"
	"os/exec"
	"sync"
)

const executable = "litewitness"

// script runs the program given after the log file and ends it when standard
// input closes: when the test stops it, and when the test process is gone.
const script = `
log=$1; shift
"$@" >>"$log" 2>&1 </dev/null &
pid=$!
read -r _
kill "$pid" 2>/dev/null
wait "$pid"
`

// run starts the command; stop ends it and waits, once.
func run(command []string, logPath string) (stop func(), err error) {
	shell := exec.Command("sh", append([]string{"-c", script, "sh", logPath}, command...)...)
	hold, err := shell.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := shell.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("starting litewitness: %w", err), hold.Close())
	}
	return sync.OnceFunc(func() {
		hold.Close()
		shell.Wait() // ends with the status of the killed program
	}), nil
}
