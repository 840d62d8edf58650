package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

var exeSuffix = map[bool]string{true: ".exe"}[runtime.GOOS == "windows"]

// witnessProcess is one `adamas witness` with its own folder and key. It ends
// with us, since its standard input does.
type witnessProcess struct {
	label, vkey, url string
	cmd              *exec.Cmd
	hold             io.Closer
}

// witnessLabels are two witnesses of each pillar.
var witnessLabels = []string{"gov1", "gov2", "ind1", "ind2", "civ1", "civ2"}

// startWitnesses starts six witnesses that know the given logs. On an error
// those that run already are stopped.
func startWitnesses(ctx context.Context, exe, dir string, logs []string, stderr io.Writer) (_ []*witnessProcess, err error) {
	var all []*witnessProcess
	defer func() {
		if err != nil {
			err = errors.Join(err, stopWitnesses(all))
		}
	}()
	for _, label := range witnessLabels {
		args := []string{"witness", "--dir", filepath.Join(dir, label), "--name", "witness." + label + ".example/w",
			"--listen", "127.0.0.1:0", "--synthetic", "--with-parent"}
		for _, vkey := range logs {
			args = append(args, "--log", vkey)
		}
		w := &witnessProcess{label: label, cmd: exec.CommandContext(ctx, exe, args...)}
		if err := w.start(stderr); err != nil {
			return nil, fmt.Errorf("witness %s: %w", label, err)
		}
		all = append(all, w)
	}
	return all, nil
}

// start waits until the witness has named its key and address.
func (w *witnessProcess) start(stderr io.Writer) (err error) {
	w.cmd.Stderr = stderr
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if w.hold, err = w.cmd.StdinPipe(); err != nil {
		return err
	}
	if err := w.cmd.Start(); err != nil {
		return err
	}
	lines := bufio.NewScanner(out)
	for _, into := range []*string{&w.vkey, &w.url} {
		if !lines.Scan() {
			return errors.Join(errors.New("it ended before it served"), w.stop())
		}
		*into = lines.Text()
	}
	return nil
}

// stop ends the process in good order. A witness that was interrupted together
// with us is no error.
func (w *witnessProcess) stop() error {
	err := w.hold.Close()
	ended := w.cmd.Wait()
	if _, ok := errors.AsType[*exec.ExitError](ended); ok {
		ended = nil
	}
	return errors.Join(err, ended)
}

func stopWitnesses(all []*witnessProcess) (err error) {
	for _, w := range all {
		err = errors.Join(err, w.stop())
	}
	return err
}

// policyText is the tripartite policy for a log: any one witness of each pillar.
func policyText(logVKey string, all []*witnessProcess) string {
	var b strings.Builder
	fmt.Fprintf(&b, "log %s\n", logVKey)
	for _, w := range all {
		fmt.Fprintf(&b, "witness %s %s %s\n", w.label, w.vkey, w.url)
	}
	b.WriteString("group government any gov1 gov2\ngroup industry any ind1 ind2\ngroup civil any civ1 civ2\n")
	b.WriteString("group tripartite all government industry civil\nquorum tripartite\n")
	return b.String()
}
