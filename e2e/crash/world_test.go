package crash

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/klog/v2"

	"adamas.example/verify/policy"
	"adamas.example/verify/verifytest"
)

const origin = "cf.kp.example/2026"

// patience is how long a test waits for what must happen.
const patience = time.Minute

// TestMain removes what was built, and keeps Tessera's log lines to itself.
func TestMain(m *testing.M) {
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
	code := m.Run()
	os.RemoveAll(builds())
	os.Exit(code)
}

// builds is the folder of the programs of this run.
var builds = sync.OnceValue(func() string {
	dir, err := os.MkdirTemp("", "adamas-crash-")
	if err != nil {
		panic(err)
	}
	return dir
})

// build builds a package of the program, with files of it replaced.
func build(name, pkg string, replaced map[string]string) (string, error) {
	path := filepath.Join(builds(), name)
	args := []string{"build", "-o", path}
	if replaced != nil {
		overlay, err := json.Marshal(map[string]any{"Replace": replaced})
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(path+".json", overlay, 0o600); err != nil {
			return "", err
		}
		args = append(args, "-overlay", path+".json")
	}
	cmd := exec.Command("go", append(args, pkg)...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return path, nil
}

var (
	adamas = sync.OnceValues(func() (string, error) { return build("adamas", "adamas.example/cmd/adamas", nil) })
	clerks = sync.OnceValues(func() (string, error) { return build("clerks", "adamas.example/e2e/crash/clerks", nil) })
)

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// witness is one `adamas witness`.
type witness struct {
	label string
	args  []string
	vkey  string
	url   string
	cmd   *exec.Cmd
	in    io.Closer
}

func (w *witness) start(t testing.TB) {
	t.Helper()
	w.cmd = exec.Command(must(adamas())(t), w.args...)
	w.cmd.Stderr = os.Stderr
	var err error
	if w.in, err = w.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for _, into := range []*string{&w.vkey, &w.url} {
		if !lines.Scan() {
			t.Fatalf("witness %s ended before it served", w.label)
		}
		*into = lines.Text()
	}
	for i, a := range w.args { // it comes back at the same address
		if a == "--listen" {
			w.args[i+1] = strings.TrimPrefix(w.url, "http://")
		}
	}
}

// kill ends it as a power cut would; end in good order.
func (w *witness) kill() {
	if w.cmd.ProcessState == nil {
		w.cmd.Process.Kill()
		w.cmd.Wait()
	}
}

func (w *witness) end() {
	if w.cmd.ProcessState == nil {
		w.in.Close()
		w.cmd.Wait()
	}
}

// world is an office's surroundings: six witnesses, each a process.
type world struct {
	testing.TB
	dir       string
	logVKey   string
	witnesses []*witness
}

func newWorld(t testing.TB) *world {
	w := &world{TB: t, dir: t.TempDir(), logVKey: policy.LogVKey(origin, verifytest.NewSigner("log "+origin).Public()).String()}
	for _, label := range verifytest.WitnessLabels {
		x := &witness{label: label, args: []string{"witness", "--dir", filepath.Join(w.dir, "witnesses", label), "--name", "witness." + label + ".example/w",
			"--log", w.logVKey, "--listen", "127.0.0.1:0", "--synthetic", "--with-parent"}}
		if err := os.MkdirAll(filepath.Join(w.dir, "witnesses", label), 0o700); err != nil {
			t.Fatal(err)
		}
		x.start(t)
		t.Cleanup(x.end)
		w.witnesses = append(w.witnesses, x)
	}
	if err := os.WriteFile(filepath.Join(w.dir, "policy.txt"), []byte(w.policyText()), 0o600); err != nil {
		t.Fatal(err)
	}
	return w
}

// elsewhere is the same world with an empty folder for its office.
func (w *world) elsewhere() *world {
	w.Helper()
	x := *w
	x.dir = w.TempDir()
	if err := os.WriteFile(filepath.Join(x.dir, "policy.txt"), []byte(w.policyText()), 0o600); err != nil {
		w.Fatal(err)
	}
	return &x
}

func (w *world) policyText() string {
	var b strings.Builder
	fmt.Fprintf(&b, "log %s\n", w.logVKey)
	for _, x := range w.witnesses {
		fmt.Fprintf(&b, "witness %s %s %s\n", x.label, x.vkey, x.url)
	}
	b.WriteString("group government any gov1 gov2\ngroup industry any ind1 ind2\ngroup civil any civ1 civ2\n" +
		"group tripartite all government industry civil\nquorum tripartite\n")
	return b.String()
}

func (w *world) policy() *policy.Policy { return must(policy.Parse(w.policyText()))(w) }

// pillar are the witnesses whose label begins so.
func (w *world) pillar(prefix string) (out []*witness) {
	for _, x := range w.witnesses {
		if strings.HasPrefix(x.label, prefix) {
			out = append(out, x)
		}
	}
	return out
}

// ack is one line of an office: what it has acknowledged.
type ack struct {
	state   string
	subject string
	hash    string
	index   int64
}

// run is one life of an office.
type run struct {
	cmd  *exec.Cmd
	pid  int
	acks chan ack // closed at its end
	errs bytes.Buffer
}

// begin starts an office, perhaps under another program that kills it.
func (w *world) begin(program string, under []string, args ...string) *run {
	w.Helper()
	all := append(append(append([]string{}, under...), program, "--dir", w.dir), args...)
	r := &run{cmd: exec.Command(all[0], all[1:]...), acks: make(chan ack, 1<<16)}
	r.cmd.Stderr = &r.errs
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		w.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		w.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() || !strings.HasPrefix(lines.Text(), "pid ") {
		r.cmd.Wait()
		if len(under) > 0 { // killed before it could say who it is
			close(r.acks)
			return r
		}
		w.Fatalf("the office did not start: %s", r.errs.String())
	}
	r.pid, _ = strconv.Atoi(strings.TrimPrefix(lines.Text(), "pid "))
	go func() {
		defer close(r.acks)
		for lines.Scan() {
			var a ack
			if _, err := fmt.Sscanf(lines.Text(), "ack %s %s %s %d", &a.state, &a.subject, &a.hash, &a.index); err == nil {
				r.acks <- a
			}
		}
	}()
	return r
}

// kill ends it now, and it alone: a program around it then ends by itself.
func (r *run) kill() {
	if p, err := os.FindProcess(r.pid); err == nil {
		p.Kill()
	}
}

// end waits for its end and gives what it has acknowledged.
func (r *run) end(t testing.TB) (out []ack) {
	t.Helper()
	stuck := time.AfterFunc(patience, func() {
		r.kill()
		r.cmd.Process.Kill()
	})
	defer stuck.Stop()
	for a := range r.acks {
		out = append(out, a)
	}
	err := r.cmd.Wait()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok && failed.Exited() && r.errs.Len() > 0 {
		t.Fatalf("the office ended by itself: %s", r.errs.String())
	}
	return out
}

// settle starts the office again, lets it finish what was begun, and ends it.
func (w *world) settle(program string, args ...string) {
	w.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience) // it gives up earlier, and says why
	defer cancel()
	cmd := exec.CommandContext(ctx, program, append([]string{"--dir", w.dir, "--settle"}, args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "settled") {
		w.Fatalf("the office does not come back: %v\n%s", err, out)
	}
}
