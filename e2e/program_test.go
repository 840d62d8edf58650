package e2e

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// built is the program, built once for all journeys of this package.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "adamas-e2e-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "adamas")
	cmd := exec.Command("go", "build", "-o", path, "../cmd/adamas")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", &buildError{string(out)}
	}
	return path, nil
})

type buildError struct{ out string }

func (e *buildError) Error() string { return e.out }

func program(t *testing.T) string {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// run runs a command to its end.
func run(t *testing.T, env []string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = append(append(os.Environ(), "LC_ALL=C.UTF-8"), env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// tell makes the demonstration in dir and gives what it printed.
func tell(path, dir string) (string, error) {
	cmd := exec.Command(path, "demo", "--dir", dir, "--no-serve")
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", &buildError{string(out)}
	}
	return string(out), nil
}

// server is a running `adamas demo` that serves.
type server struct {
	url string
	cmd *exec.Cmd
	out strings.Builder
}

// serve starts the demonstration in dir and waits for its address.
func serve(t *testing.T, dir string) *server {
	t.Helper()
	s := &server{cmd: exec.Command(program(t), "demo", "--dir", dir, "--listen", "127.0.0.1:0")}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.cmd.Stderr = os.Stderr
	s.cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.stop(t) })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		s.out.WriteString(lines.Text() + "\n")
		if _, rest, ok := strings.Cut(lines.Text(), "http://localhost:"); ok && strings.HasPrefix(lines.Text(), "Open ") {
			port, _, _ := strings.Cut(rest, " ")
			s.url = "http://127.0.0.1:" + port
			return s
		}
	}
	t.Fatalf("no address:\n%s", s.out.String())
	return nil
}

// stop interrupts the server as Ctrl-C does and waits for its end.
func (s *server) stop(t *testing.T) int {
	t.Helper()
	if s.cmd.ProcessState != nil {
		return s.cmd.ProcessState.ExitCode()
	}
	s.cmd.Process.Signal(syscall.SIGINT)
	s.cmd.Wait()
	return s.cmd.ProcessState.ExitCode()
}
