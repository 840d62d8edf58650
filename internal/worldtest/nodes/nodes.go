// Package nodes runs the three nodes and six witnesses of the demonstration as
// processes of their own, for tests that kill them, cut them off or delete what
// they have.
//
// The folder is made by `adamas demo --no-serve` or copied from one; then every
// process gets an address that it keeps, written into what the others know of it.
// Whoever makes a World starts what it needs; all end with the test.
package nodes

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Proc is a node or a witness: a process that is started again at its address.
type Proc struct {
	Name, Address string
	Args          []string
	Up            atomic.Bool // answers, as far as is known
	mu            sync.Mutex
	cmd           *exec.Cmd
	errs          bytes.Buffer
}

// World is the demonstration's folder with its processes, ours to kill.
type World struct {
	testing.TB
	Dir     string
	Procs   []*Proc
	Nodes   map[string]*Proc // by Participant: "cf"
	Refused int              // starts that found the folder in use
	bin     string
}

// Participants in the order of the demonstration.
var Participants = []string{"cf", "ae", "eu"}

// Path is a place in the folder.
func (w *World) Path(name ...string) string {
	return filepath.Join(append([]string{w.Dir}, name...)...)
}

// Node is the folder of a node.
func (w *World) Node(code string) string { return w.Path("node-" + strings.ToLower(code)) }

// New takes the finished demonstration in dir, or makes it there, and gives every
// process an address of its own. bin is the built program.
func New(t testing.TB, bin, dir string) *World {
	w := &World{TB: t, bin: bin, Dir: dir, Nodes: map[string]*Proc{}}
	if _, err := os.Stat(w.Node(Participants[0])); err != nil {
		if out, errs, code := w.Adamas(5*time.Minute, "demo", "--dir", dir, "--no-serve"); code != 0 {
			t.Fatalf("demo: exit %d\n%s%s", code, out, errs)
		}
	}
	var logs []string
	for _, code := range Participants {
		key, _, _ := strings.Cut(w.Read(w.Node(code), "policy.txt"), "\n")
		logs = append(logs, "--log", strings.TrimPrefix(key, "log "))
	}
	at := map[string]string{}
	for _, label := range []string{"government-1", "government-2", "industry-1", "industry-2", "civil-1", "civil-2"} {
		p := &Proc{Name: "witness " + label, Address: free(t)}
		p.Args = append([]string{"witness", "--dir", w.Path("witnesses", label), "--synthetic", "--listen", p.Address}, logs...)
		at[label] = p.Address
		w.Procs = append(w.Procs, p)
	}
	for _, code := range Participants {
		p := &Proc{Name: "node " + code, Address: free(t)}
		p.Args = []string{"serve", "--dir", w.Node(code), "--listen", p.Address}
		w.Nodes[code] = p
		w.Procs = append(w.Procs, p)
	}
	for _, code := range Participants {
		w.readdress(code, at)
	}
	t.Cleanup(w.End)
	return w
}

var (
	witnessLine  = regexp.MustCompile(`(?m)^witness (\S+) (\S+) http\S+$`)
	exchangeLine = regexp.MustCompile(`(office = "(\w\w)/\w+"\s+exchange = )"[^"]*"`)
)

// readdress writes the new addresses into what a node knows of the others.
func (w *World) readdress(code string, at map[string]string) {
	text := witnessLine.ReplaceAllStringFunc(w.Read(w.Node(code), "policy.txt"), func(line string) string {
		m := witnessLine.FindStringSubmatch(line)
		return fmt.Sprintf("witness %s %s http://%s", m[1], m[2], at[m[1]])
	})
	w.write(filepath.Join(w.Node(code), "policy.txt"), text)
	text = exchangeLine.ReplaceAllStringFunc(w.Read(w.Node(code), "node.toml"), func(s string) string {
		m := exchangeLine.FindStringSubmatch(s)
		return fmt.Sprintf("%s\"http://%s/exchange\"", m[1], w.Nodes[strings.ToLower(m[2])].Address)
	})
	w.write(filepath.Join(w.Node(code), "node.toml"), text)
}

// Read reads a file, which must be there.
func (w *World) Read(path ...string) string {
	b, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		w.Fatal(err)
	}
	return string(b)
}

func (w *World) write(path, text string) {
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.Fatal(err)
	}
}

// free finds a port that nobody has, below those that a system hands out by itself, and
// apart from those that a demonstration takes: while a process is down, nobody else must
// come by its address.
func free(t testing.TB) string {
	for range 100 {
		ln, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 10_000+rand.IntN(10_000)))
		if err == nil {
			defer ln.Close()
			return ln.Addr().String()
		}
	}
	t.Fatal("no port is free")
	return ""
}

// Adamas runs one command to its end. Code -1: it did not end in time.
func (w *World) Adamas(patience time.Duration, args ...string) (out, errs string, code int) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, w.bin, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "ADAMAS_LANG=en")
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr = &o, &e
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		return "", err.Error(), -1
	}
	return o.String(), e.String(), cmd.ProcessState.ExitCode()
}

// Start starts a process until it answers. A node's folder may be in use by a client
// that found nobody serving it: then it is tried again.
func (w *World) Start(p *Proc) error {
	deadline := time.Now().Add(2 * time.Minute)
	for time.Now().Before(deadline) {
		p.mu.Lock()
		p.cmd = exec.Command(w.bin, p.Args...)
		p.errs.Reset()
		p.cmd.Stderr = &p.errs
		cmd := p.cmd
		err := cmd.Start()
		p.mu.Unlock()
		if err != nil {
			return err
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		if p.answers(ended) {
			p.Up.Store(true)
			return nil
		}
		if code := cmd.ProcessState.ExitCode(); code != 75 {
			return fmt.Errorf("%s did not start again: exit %d\n%s", p.Name, code, p.errs.String())
		}
		w.Refused++
		time.Sleep(100 * time.Millisecond)
	}
	return fmt.Errorf("%s did not start again in time: %s", p.Name, p.errs.String())
}

// answers waits until a process serves; false when it has ended.
func (p *Proc) answers(ended <-chan error) bool {
	url := "http://" + p.Address + "/"
	for {
		r, err := http.Get(url)
		if err == nil {
			r.Body.Close()
		}
		select {
		case <-ended: // who answers at its address is somebody else
			return false
		case <-time.After(50 * time.Millisecond):
		}
		if err == nil {
			return true
		}
	}
}

// Kill ends a process as a power cut would.
func (p *Proc) Kill() {
	p.Up.Store(false)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd != nil && p.cmd.Process != nil {
		p.cmd.Process.Kill()
	}
}

// End ends all processes as Kill does.
func (w *World) End() {
	for _, p := range w.Procs {
		p.Kill()
	}
}
