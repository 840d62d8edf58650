package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/rogpeppe/go-internal/testscript"

	"adamas.example/internal/app"
)

// TestMain lets the scripts run this test binary as adamas, each call a process of
// its own; a witness that the demonstration starts is such a process too.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"adamas": func() { os.Exit(app.Main(invocation())) }})
}

// invocation is that of this process; a script sets the clock where the day
// matters.
func invocation() app.Invocation {
	in := app.Process()
	if at, err := time.Parse(time.RFC3339, os.Getenv("SCRIPT_NOW")); err == nil {
		in.Now = func() time.Time { return at }
	}
	return in
}

// TestScripts are whole sessions at the command line, as people type them.
func TestScripts(t *testing.T) {
	demo := sync.OnceValues(func() (string, error) { return makeDemo(t) })
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			env.Setenv("LC_ALL", "C.UTF-8")
			return nil
		},
		Condition: func(name string) (bool, error) {
			if name == "root" { // for whom no file is unreadable
				return os.Geteuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits":       exits,
			"demo":        func(ts *testscript.TestScript, _ bool, args []string) { copyDemo(ts, demo, args) },
			"copytree":    func(ts *testscript.TestScript, _ bool, args []string) { copyTree(ts, ts.MkAbs(args[0]), args[1]) },
			"bend":        bend,
			"truncate":    truncate,
			"retype":      retype,
			"freeport":    freeport,
			"await":       await,
			"get":         get,
			"json":        jsonIs,
			"capture":     capture,
			"empty":       empty,
			"fill":        fill,
			"repoint":     repoint,
			"ownpolicy":   ownPolicy,
			"verifyall":   verifyAll,
			"word":        word,
			"untilexists": untilExists,
			"until":       until,
			"day":         day,
		},
	})
}

// exits CODE PROGRAM ARG... runs a program and wants exactly that exit status.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARG...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		got = failed.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("%s exited with %d, want %d", strings.Join(args[1:], " "), got, want)
	}
}

// makeDemo writes one finished demonstration of one node, for all scripts.
func makeDemo(t *testing.T) (string, error) {
	dir := filepath.Join(t.TempDir(), "demo")
	cmd := exec.Command("adamas", "demo", "--one-node", "--no-serve", "--dir", dir)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return dir, nil
}

// demo puts a copy of the finished demonstration into the script's folder. Its
// witnesses do not run.
func copyDemo(ts *testscript.TestScript, demo func() (string, error), args []string) {
	from, err := demo()
	ts.Check(err)
	to := "demo"
	if len(args) == 1 {
		to = args[0]
	}
	copyTree(ts, from, to)
}

// copyTree copies a folder with the modes of its files: keys are refused unless
// they are private.
func copyTree(ts *testscript.TestScript, from, to string) {
	ts.Check(os.CopyFS(ts.MkAbs(to), os.DirFS(from)))
	ts.Check(filepath.WalkDir(from, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		return errors.Join(err, os.Chmod(filepath.Join(ts.MkAbs(to), rel), info.Mode().Perm()))
	}))
}

// bend PATTERN OFFSET changes one byte of each file; a negative offset counts from
// the end.
func bend(ts *testscript.TestScript, _ bool, args []string) {
	paths, err := filepath.Glob(ts.MkAbs(args[0]))
	ts.Check(err)
	if len(paths) == 0 {
		ts.Fatalf("no file %s", args[0])
	}
	at, err := strconv.Atoi(args[1])
	ts.Check(err)
	for _, path := range paths {
		b, err := os.ReadFile(path)
		ts.Check(err)
		b[(at+len(b))%len(b)] ^= 1
		ts.Check(os.WriteFile(path, b, 0o600))
	}
}

// verifyall PACK DIR has adamas find every certificate in a folder valid.
func verifyAll(ts *testscript.TestScript, _ bool, args []string) {
	paths, err := filepath.Glob(filepath.Join(ts.MkAbs(args[1]), "*.adamas"))
	ts.Check(err)
	if len(paths) == 0 {
		ts.Fatalf("no certificates in %s", args[1])
	}
	ts.Check(ts.Exec("adamas", append([]string{"verify", "--pack", args[0]}, paths...)...))
}

// retype FILE OTHER FROM TO writes another file, in which a page shows other words.
func retype(ts *testscript.TestScript, _ bool, args []string) {
	wide := func(s string) []byte { // as qpdf writes a page's text plainly: UTF-16 in digits
		var out []byte
		for _, u := range utf16.Encode([]rune(s)) {
			out = fmt.Appendf(out, "%04x", u)
		}
		return out
	}
	b, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	if !bytes.Contains(b, wide(args[2])) {
		ts.Fatalf("%s does not show %s", args[0], args[2])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), bytes.ReplaceAll(b, wide(args[2]), wide(args[3])), 0o600))
}

// truncate FILE SIZE cuts a file.
func truncate(ts *testscript.TestScript, _ bool, args []string) {
	size, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), size))
}

// freeport NAME... sets variables to ports that are free now.
func freeport(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		ts.Check(err)
		defer ln.Close()
		ts.Setenv(name, strconv.Itoa(ln.Addr().(*net.TCPAddr).Port))
	}
}

// await URL waits until something answers there.
func await(ts *testscript.TestScript, _ bool, args []string) {
	for range 300 {
		if r, err := http.Get(args[0]); err == nil {
			r.Body.Close()
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("%s does not answer", args[0])
}

// get URL FILE downloads.
func get(ts *testscript.TestScript, _ bool, args []string) {
	r, err := http.Get(args[0])
	ts.Check(err)
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	ts.Check(err)
	if r.StatusCode != http.StatusOK {
		ts.Fatalf("%s: %s", args[0], r.Status)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), b, 0o644))
}

// empty DIR... wants each folder to be there and to hold nothing.
func empty(ts *testscript.TestScript, _ bool, args []string) {
	for _, dir := range args {
		entries, err := os.ReadDir(ts.MkAbs(dir))
		ts.Check(err)
		if len(entries) > 0 {
			ts.Fatalf("%s holds %s and more", dir, entries[0].Name())
		}
	}
}

// fill FILE... writes the script's variables into files.
func fill(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		text := os.Expand(ts.ReadFile(name), ts.Getenv)
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o644))
	}
}

// repoint POLICY LABEL PORT... gives witnesses of a policy other addresses.
func repoint(ts *testscript.TestScript, _ bool, args []string) {
	ports := map[string]string{}
	for i := 1; i+1 < len(args); i += 2 {
		ports[args[i]] = args[i+1]
	}
	var out strings.Builder
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		if f := strings.Fields(line); len(f) == 4 && f[0] == "witness" && ports[f[1]] != "" {
			line = fmt.Sprintf("witness %s %s http://127.0.0.1:%s\n", f[1], f[2], ports[f[1]])
		}
		out.WriteString(line)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(out.String()), 0o644))
}

// ownpolicy POLICY VKEY makes a policy that of another log, with the same witnesses.
func ownPolicy(ts *testscript.TestScript, _ bool, args []string) {
	var out strings.Builder
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		if strings.HasPrefix(line, "log ") {
			line = "log " + args[1] + "\n"
		}
		out.WriteString(line)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(out.String()), 0o644))
}

// word NAME N sets a variable to the Nth word, from 1, of what was printed last.
func word(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	words := strings.Fields(ts.ReadFile("stdout"))
	if n < 1 || n > len(words) {
		ts.Fatalf("%d words", len(words))
	}
	ts.Setenv(args[0], words[n-1])
}

// untilexists FILE waits until the file is there.
func untilExists(ts *testscript.TestScript, _ bool, args []string) {
	for range 200 {
		if _, err := os.Stat(ts.MkAbs(args[0])); err == nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	ts.Fatalf("%s does not come", args[0])
}

// until TEXT PROGRAM ARG... runs a program again and again until it prints the text.
func until(ts *testscript.TestScript, _ bool, args []string) {
	for range 200 {
		err := ts.Exec(args[1], args[2:]...)
		if err == nil && strings.Contains(ts.ReadFile("stdout"), args[0]) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("%s never prints %q", strings.Join(args[1:], " "), args[0])
}

// day NAME N sets a variable to the day N days from today.
func day(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Setenv(args[0], time.Now().UTC().AddDate(0, 0, n).Format(time.DateOnly))
}
