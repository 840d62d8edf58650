package storm

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

// proc is a node or a witness: a process that is started again at its address.
type proc struct {
	name, address string
	args          []string
	up            atomic.Bool
	mu            sync.Mutex
	cmd           *exec.Cmd
	errs          bytes.Buffer
}

// world is the demonstration's folder with its processes, ours to kill.
type world struct {
	testing.TB
	bin, dir string
	procs    []*proc
	nodes    map[string]*proc // by Participant
	kills    map[string]int
	refused  int // starts that found the folder in use
}

// participants in the order of the demonstration.
var participants = []string{"cf", "ae", "eu"}

func (w *world) path(name ...string) string {
	return filepath.Join(append([]string{w.dir}, name...)...)
}

func (w *world) node(code string) string { return w.path("node-" + strings.ToLower(code)) }

// newWorld makes the folder and gives every process an address of its own.
func newWorld(t testing.TB, bin, dir string) *world {
	w := &world{TB: t, bin: bin, dir: dir, nodes: map[string]*proc{}, kills: map[string]int{}}
	if out, errs, code := w.adamas(5*time.Minute, "demo", "--dir", dir, "--no-serve"); code != 0 {
		t.Fatalf("demo: exit %d\n%s%s", code, out, errs)
	}
	var logs []string
	for _, code := range participants {
		key, _, _ := strings.Cut(w.read(w.node(code), "policy.txt"), "\n")
		logs = append(logs, "--log", strings.TrimPrefix(key, "log "))
	}
	at := map[string]string{}
	for _, label := range []string{"government-1", "government-2", "industry-1", "industry-2", "civil-1", "civil-2"} {
		p := &proc{name: "witness " + label, address: free(t)}
		p.args = append([]string{"witness", "--dir", w.path("witnesses", label), "--synthetic", "--listen", p.address}, logs...)
		at[label] = p.address
		w.procs = append(w.procs, p)
	}
	for _, code := range participants {
		p := &proc{name: "node " + code, address: free(t)}
		p.args = []string{"serve", "--dir", w.node(code), "--listen", p.address}
		w.nodes[code] = p
		w.procs = append(w.procs, p)
	}
	for _, code := range participants {
		w.readdress(code, at)
	}
	t.Cleanup(w.end)
	return w
}

var (
	witnessLine  = regexp.MustCompile(`(?m)^witness (\S+) (\S+) http\S+$`)
	exchangeLine = regexp.MustCompile(`(office = "(\w\w)/\w+"\s+exchange = )"[^"]*"`)
)

// readdress writes the new addresses into what a node knows of the others.
func (w *world) readdress(code string, at map[string]string) {
	text := witnessLine.ReplaceAllStringFunc(w.read(w.node(code), "policy.txt"), func(line string) string {
		m := witnessLine.FindStringSubmatch(line)
		return fmt.Sprintf("witness %s %s http://%s", m[1], m[2], at[m[1]])
	})
	w.write(filepath.Join(w.node(code), "policy.txt"), text)
	text = exchangeLine.ReplaceAllStringFunc(w.read(w.node(code), "node.toml"), func(s string) string {
		m := exchangeLine.FindStringSubmatch(s)
		return fmt.Sprintf("%s\"http://%s/exchange\"", m[1], w.nodes[strings.ToLower(m[2])].address)
	})
	w.write(filepath.Join(w.node(code), "node.toml"), text)
}

func (w *world) read(path ...string) string {
	b, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		w.Fatal(err)
	}
	return string(b)
}

func (w *world) write(path, text string) {
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.Fatal(err)
	}
}

// free finds a port that nobody has.
func free(t testing.TB) string {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

// adamas runs one command to its end. Code -1: it did not end in time.
func (w *world) adamas(patience time.Duration, args ...string) (out, errs string, code int) {
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

// start starts a process until it answers. A node's folder may be in use by a client
// that found nobody serving it: then it is tried again.
func (w *world) start(p *proc) error {
	deadline := time.Now().Add(2 * time.Minute)
	for time.Now().Before(deadline) {
		p.mu.Lock()
		p.cmd = exec.Command(w.bin, p.args...)
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
			p.up.Store(true)
			return nil
		}
		if code := cmd.ProcessState.ExitCode(); code != 75 {
			return fmt.Errorf("%s did not start again: exit %d\n%s", p.name, code, p.errs.String())
		}
		w.refused++
		time.Sleep(100 * time.Millisecond)
	}
	return fmt.Errorf("%s did not start again in time: %s", p.name, p.errs.String())
}

// answers waits until a process serves; false when it has ended.
func (p *proc) answers(ended <-chan error) bool {
	url := "http://" + p.address + "/"
	for {
		if r, err := http.Get(url); err == nil {
			r.Body.Close()
			return true
		}
		select {
		case <-ended:
			return false
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// kill ends a process as a power cut would.
func (p *proc) kill() {
	p.up.Store(false)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd != nil && p.cmd.Process != nil {
		p.cmd.Process.Kill()
	}
}

// storm kills and starts again until the time is over; then all are up.
func (w *world) storm(ctx context.Context, r *rand.Rand, every time.Duration) error {
	for {
		wait := every/2 + time.Duration(r.Int64N(int64(every)))
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
		p := w.procs[r.IntN(len(w.procs))]
		if r.IntN(2) == 0 { // nodes as often as witnesses, though there are fewer
			p = w.nodes[participants[r.IntN(len(participants))]]
		}
		p.kill()
		kind, _, _ := strings.Cut(p.name, " ")
		w.kills[kind]++
		time.Sleep(time.Duration(r.Int64N(int64(time.Second))))
		if err := w.start(p); err != nil {
			return err
		}
	}
}

func (w *world) end() {
	for _, p := range w.procs {
		p.kill()
	}
}
