package witness

import (
	"bufio"
	"context"
	"crypto"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/klog/v2"

	"adamas.example/internal/fault"
)

// childEnv holds a child's configuration: the test binary, run again with it,
// is one witness and nothing else.
const childEnv = "ADAMAS_WITNESS_CHILD"

// childConfig is a witness as a process of its own.
type childConfig struct {
	Dir    string
	Name   string
	Seed   byte
	Listen string
	Logs   []Log
	Die    string // "before signing" or "after signing": SIGKILL itself there
}

func TestMain(m *testing.M) {
	if config := os.Getenv(childEnv); config != "" {
		if err := runChild(config); err != nil {
			fmt.Printf("failed %v\n", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	silenceTessera()
	os.Exit(m.Run())
}

// silenceTessera keeps what Tessera says about witnesses that are down on
// purpose out of the tests' output.
func silenceTessera() {
	flags := flag.NewFlagSet("klog", flag.PanicOnError)
	klog.InitFlags(flags)
	for name, value := range map[string]string{"logtostderr": "false", "alsologtostderr": "false", "stderrthreshold": "FATAL"} {
		if err := flags.Set(name, value); err != nil {
			panic(err)
		}
	}
	klog.SetOutput(io.Discard)
}

// runChild serves until standard input closes: a child does not outlive its test.
func runChild(config string) error {
	var c childConfig
	if err := json.Unmarshal([]byte(config), &c); err != nil {
		return err
	}
	w, err := New(Config{
		Dir: c.Dir, Name: c.Name, Now: time.Now, Logs: c.Logs,
		Signer: &dyingSigner{PrivateKey: seededKey(c.Seed), die: c.Die},
	})
	if err != nil {
		return err
	}
	ln, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return errors.Join(err, w.Close())
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	fmt.Printf("ready %s %s\n", ln.Addr(), w.VKey())
	return errors.Join(w.Serve(ctx, ln), w.Close())
}

// dyingSigner kills its own process at a chosen point.
type dyingSigner struct {
	ed25519.PrivateKey
	die string
}

func (s *dyingSigner) Sign(random io.Reader, message []byte, opts crypto.SignerOpts) ([]byte, error) {
	if s.die == "before signing" {
		killSelf()
	}
	signature, err := s.PrivateKey.Sign(random, message, opts)
	if s.die == "after signing" {
		killSelf()
	}
	return signature, err
}

func killSelf() {
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	if err != nil {
		panic(err)
	}
	select {} // until the kernel has done it
}

// child is a running witness process.
type child struct {
	childConfig
	url, vkey string
	cmd       *exec.Cmd
	hold      io.Closer
	once      sync.Once
}

// startChild runs a witness process until the test ends or kill.
func startChild(tb testing.TB, c childConfig) *child {
	tb.Helper()
	if c.Listen == "" {
		c.Listen = "127.0.0.1:0"
	}
	ch, err := tryChild(c)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(ch.kill)
	return ch
}

func tryChild(c childConfig) (*child, error) {
	config, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	ch := &child{childConfig: c, cmd: exec.Command(os.Args[0])}
	ch.cmd.Env = append(os.Environ(), childEnv+"="+string(config))
	ch.cmd.Stderr = os.Stderr
	if ch.hold, err = ch.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := ch.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := ch.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	var address string
	if n, _ := fmt.Sscanf(line, "ready %s %s\n", &address, &ch.vkey); n != 2 {
		ch.kill()
		return nil, fmt.Errorf("the child says %q (%w)", line, err)
	}
	ch.url, ch.Listen = "http://"+address, address
	return ch, nil
}

// kill is SIGKILL: the process gets no chance to finish anything.
func (ch *child) kill() {
	ch.once.Do(func() {
		ch.cmd.Process.Kill()
		ch.cmd.Wait() // its status is "killed"
		ch.hold.Close()
	})
}

// again starts the same witness on the same directory and address. For a moment
// somebody's outgoing connection may hold the port.
func (ch *child) again(tb testing.TB) *child {
	tb.Helper()
	ch.kill()
	c := ch.childConfig
	c.Die = ""
	var failed error
	for range 50 {
		next, err := tryChild(c)
		if err == nil {
			tb.Cleanup(next.kill)
			return next
		}
		failed = err
		time.Sleep(100 * time.Millisecond)
	}
	tb.Fatal(failed)
	return nil
}

// answer is what a witness said.
type answer struct {
	status int
	body   string
}

func postTo(ctx context.Context, url, body string) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/add-checkpoint", strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	return ask(req)
}

func getFrom(ctx context.Context, url string) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return answer{}, err
	}
	return ask(req)
}

func ask(req *http.Request) (answer, error) {
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, string(content)}, err
}

// TestTwoProcesses: the directory of a running process is refused to another,
// and free once the first is gone, even by SIGKILL.
func TestTwoProcesses(t *testing.T) {
	c := childConfig{Dir: t.TempDir(), Name: testWitness, Seed: witnessSeed, Listen: "127.0.0.1:0"}
	first := startChild(t, c)
	if second, err := tryChild(c); err == nil {
		second.kill()
		t.Fatal("a second process runs on the directory")
	} else if !strings.Contains(err.Error(), "witness.directory_taken") {
		t.Errorf("the second process says: %v", err)
	}
	if _, err := New(testConfig(c.Dir, newHandClock())); !fault.Is(err, "witness.directory_taken") {
		t.Errorf("this process: %v", err)
	}
	first.kill()
	start(t, testConfig(c.Dir, newHandClock()))
}

// TestCrashAroundSigning kills the witness between persisting and signing, and
// between signing and answering. In both, the state is ahead of what the log
// was told: the log learns the size, asks again, and another history of that
// size stays refused.
func TestCrashAroundSigning(t *testing.T) {
	key := newLogSigner(t, testOrigin, 1)
	good := newTree(key, 20)
	forked := newTree(key, 5)
	forked.grow("SYNTHETIC fork", 15)
	for _, die := range []string{"before signing", "after signing"} {
		t.Run(die, func(t *testing.T) {
			c := childConfig{Dir: t.TempDir(), Name: testWitness, Seed: witnessSeed, Logs: []Log{key.log()}}
			ch := startChild(t, c)
			if a, err := postTo(t.Context(), ch.url, good.request(t, 0, 5)); err != nil || a.status != 200 {
				t.Fatalf("%v %v", a, err)
			}
			c.Die = die
			ch.kill()
			ch = startChild(t, c)
			if a, err := postTo(t.Context(), ch.url, good.request(t, 5, 12)); err == nil {
				t.Fatalf("answered %v", a)
			}
			ch = ch.again(t)
			for _, step := range []struct {
				name, body string
				want       answer
			}{
				{"the fork from the old size", forked.request(t, 5, 12), answer{409, "12\n"}},
				{"the fork at the new size", body(12, nil, forked.checkpoint(t, 12)), answer{422, errFork.Error() + "\n"}},
				{"the log from the old size", good.request(t, 5, 12), answer{409, "12\n"}},
			} {
				if a, err := postTo(t.Context(), ch.url, step.body); err != nil || a != step.want {
					t.Errorf("%s: %v %v", step.name, a, err)
				}
			}
			if a, err := postTo(t.Context(), ch.url, good.request(t, 12, 12)); err != nil || a.status != 200 {
				t.Errorf("the log again: %v %v", a, err)
			}
			if a, err := postTo(t.Context(), ch.url, good.request(t, 12, 20)); err != nil || a.status != 200 {
				t.Errorf("the log on: %v %v", a, err)
			}
		})
	}
}
