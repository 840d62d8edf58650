package demo

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"adamas.example/internal/fault"
	"adamas.example/verify/policy"
)

// witnessProc is a witness in a process of its own, as another body would run
// it: this program, called with `witness`, with its own folder and key. It ends
// with us, since its standard input does.
type witnessProc struct {
	label  string
	pillar policy.Pillar
	vkey   string
	url    string
	args   []string
	cmd    *exec.Cmd
	stdin  io.Closer
}

// startWitness starts a witness and waits until it has named key and address.
// addr may be "127.0.0.1:0"; restart uses the address it had.
func startWitness(dir, label string, pillar policy.Pillar, logs []string, addr string, stderr io.Writer) (*witnessProc, error) {
	w := &witnessProc{label: label, pillar: pillar, args: []string{"witness", "--dir", filepath.Join(dir, label),
		"--name", "witness." + label + ".example/w", "--listen", addr, "--synthetic", "--with-parent"}}
	for _, key := range logs {
		w.args = append(w.args, "--log", key)
	}
	return w, w.start(stderr)
}

func (w *witnessProc) start(stderr io.Writer) error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(exe, w.args...)
	dieWithParent(cmd)
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	cmd.Stderr = stderr
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("app: start witness %s: %w", w.label, err)
	}
	w.cmd, w.stdin = cmd, in
	lines := bufio.NewScanner(out)
	for _, into := range []*string{&w.vkey, &w.url} {
		if !lines.Scan() {
			w.stop()
			return w.ended()
		}
		*into = lines.Text()
	}
	// The next start takes the same address: policies name it.
	for i, a := range w.args {
		if a == "--listen" {
			w.args[i+1] = strings.TrimPrefix(w.url, "http://")
		}
	}
	return nil
}

// ended is the fault for a witness that did not come to serve; it has said why on
// its own standard error.
func (w *witnessProc) ended() error {
	if w.cmd.ProcessState.ExitCode() == fault.KindBusy.ExitCode() {
		return fault.Busy("demo.running", fault.Arg("witness", w.label))
	}
	return fault.Unavailable("demo.witness_ended", fault.Arg("witness", w.label))
}

// kill ends the process as a power cut would.
func (w *witnessProc) kill() error {
	err := w.cmd.Process.Kill()
	w.cmd.Wait()
	return err
}

// stop ends the process in good order.
func (w *witnessProc) stop() error {
	if w.cmd == nil || w.cmd.ProcessState != nil {
		return nil
	}
	return errors.Join(w.stdin.Close(), ignoreExit(w.cmd.Wait()))
}

// ignoreExit: a witness that was interrupted together with us is no error.
func ignoreExit(err error) error {
	if _, ok := errors.AsType[*exec.ExitError](err); ok {
		return nil
	}
	return err
}

// policyText writes the tripartite policy: any one of each pillar's witnesses.
// With URLs it is the log's own copy, without them the verifiers'.
func policyText(logKey string, ws []*witnessProc, withURL bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "log %s\n", logKey)
	for _, w := range ws {
		url := ""
		if withURL {
			url = " " + w.url
		}
		fmt.Fprintf(&b, "witness %s %s%s\n", w.label, w.vkey, url)
	}
	for _, p := range policy.Pillars {
		fmt.Fprintf(&b, "group %s any", p)
		for _, w := range ws {
			if w.pillar == p {
				b.WriteString(" " + w.label)
			}
		}
		b.WriteString("\n")
	}
	b.WriteString("group tripartite all government industry civil\nquorum tripartite\n")
	return b.String()
}
