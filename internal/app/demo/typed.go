package demo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"adamas.example/internal/app/node"
	"adamas.example/internal/lang"
)

// typed runs one command of this program, as a person at the office's computer
// would, and prints it. It gives what came on standard output, and fails unless the
// exit status is the one that is expected.
func (d *demo) typed(exit int, args ...string) ([]byte, error) {
	out, errs, code, err := d.quiet(args...)
	if err != nil {
		return nil, err
	}
	shown := make([]string, len(args))
	for i, a := range args {
		if rest, ok := strings.CutPrefix(a, d.dir); ok {
			a = filepath.Join(d.shown, rest)
		}
		if strings.ContainsAny(a, " '") {
			a = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
		shown[i] = a
	}
	fmt.Fprintf(d.env.Out, "    $ adamas %s\n", strings.Join(shown, " "))
	for _, line := range strings.Split(strings.TrimSpace(string(out)+string(errs)), "\n") {
		if line != "" && line != "SYNTHETIC" {
			fmt.Fprintf(d.env.Out, "      %s\n", line)
		}
	}
	if code != exit {
		return nil, fmt.Errorf("app: the demonstration's command ended with %d instead of %d: %s\n%s%s", code, exit, strings.Join(args, " "), out, errs)
	}
	return out, nil
}

// quiet runs a command of this program and prints nothing.
func (d *demo) quiet(args ...string) (out, errs []byte, code int, err error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, nil, 0, err
	}
	cmd := exec.CommandContext(d.env.Context, exe, append([]string{"--language", string(d.env.Words.Language())}, args...)...)
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr = &o, &e
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		return nil, nil, 0, err
	}
	return o.Bytes(), e.Bytes(), cmd.ProcessState.ExitCode(), d.env.Context.Err()
}

// view is what the program says of a consignment.
type view struct {
	Consignment string `json:"consignment"`
	State       string `json:"state"`
	Number      string `json:"number"`
}

// look asks the program for JSON.
func (d *demo) look(into any, args ...string) error {
	out, errs, code, err := d.quiet(append(args, "--json")...)
	if err == nil && code != 0 {
		err = fmt.Errorf("app: the demonstration's command ended with %d: %s\n%s", code, strings.Join(args, " "), errs)
	}
	if err == nil {
		err = json.Unmarshal(out, into)
	}
	return err
}

// form writes the particulars of an act as a file, for the reader to look at too.
func (d *demo) form(name string, v any) (string, error) {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return "", err
	}
	path := d.path(formsFolder, name+".json")
	return path, node.WriteFile(path, append(b, '\n'))
}

// act does an act of an exporting office with its particulars; v may be nil.
func (d *demo) act(c *country, act, id, name string, v any, more ...string) error {
	args := append([]string{"consignment", "do", act, "--dir", d.path(c.folder())}, more...)
	if v != nil {
		file, err := d.form(name+"-"+act, v)
		if err != nil {
			return err
		}
		args = append(args, "--file", file)
	}
	if id != "" {
		args = append(args, id)
	}
	_, err := d.typed(0, args...)
	return err
}

// wait looks at a consignment until it is in a state: the other side's register has
// to be read first.
func (d *demo) wait(c *country, id, state string) error {
	deadline := time.Now().Add(time.Minute)
	for {
		var v view
		if err := d.look(&v, "consignment", "show", "--dir", d.path(c.folder()), id); err != nil {
			return err
		}
		if v.State == state {
			d.env.Say("demo.heard", lang.Args{"office": c.office, "consignment": id, "number": v.Number, "state": stateWords(state)})
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("app: the demonstration's consignment %s stayed %s, and was to become %s", id, v.State, state)
		}
		select {
		case <-d.env.Context.Done():
			return d.env.Context.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// announced waits until a certificate has been announced at an office, and gives its
// file there.
func (d *demo) announced(c *country, number string) (string, error) {
	deadline := time.Now().Add(time.Minute)
	for time.Now().Before(deadline) && d.env.Context.Err() == nil {
		var all struct {
			Consignments []view `json:"consignments"`
		}
		if err := d.look(&all, "consignment", "list", "--dir", d.path(c.folder())); err != nil {
			return "", err
		}
		for _, v := range all.Consignments {
			if v.Number == number && v.State == "advised" {
				d.env.Say("demo.heard", lang.Args{"office": c.office, "consignment": v.Consignment, "number": number, "state": stateWords(v.State)})
				return v.Consignment, nil
			}
		}
		time.Sleep(200 * time.Millisecond)
	}
	return "", fmt.Errorf("app: the demonstration's certificate %s was not announced at %s", number, c.office)
}

// stateWords is a state by its words.
type stateWords string

// TextKeys names them.
func (s stateWords) TextKeys() []string { return []string{"certificate.state." + string(s)} }
