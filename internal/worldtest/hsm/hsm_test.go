//go:build unix

package hsm

import (
	"bufio"
	"cmp"
	"crypto/ed25519"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

func TestTokenSignsWithItsOwnKey(t *testing.T) {
	tok := Token(t)
	want, _, _, _, err := ssh.ParseAuthorizedKey([]byte(tok.Public))
	if err != nil {
		t.Fatal(err)
	}
	err = tok.do(func(c agent.ExtendedAgent) error {
		message := []byte("SYNTHETIC")
		sig, err := c.Sign(want, message)
		if err != nil {
			return err
		}
		return want.Verify(message, sig)
	})
	if err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(tok.dir + "/import.pem"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the private key still lies in a file: %v", err)
	}
	tok.Remove()
	if err := tok.holds(); err == nil {
		t.Error("the agent still has the key of a token that was taken out")
	}
	tok.Load()
}

func TestStopForgetsAndStartBeginsEmpty(t *testing.T) {
	a := Agent(t)
	a.Add(ed25519.NewKeyFromSeed(make([]byte, 32)))
	count := func() (n int) {
		if err := a.do(func(c agent.ExtendedAgent) error {
			keys, err := c.List()
			n = len(keys)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := count(); n != 1 {
		t.Fatalf("%d keys after Add, want 1", n)
	}
	a.SetLock(true)
	if n := count(); n != 0 {
		t.Errorf("a locked agent shows %d keys", n)
	}
	a.SetLock(false)
	pid := a.process.pid
	a.Stop()
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("the agent %d lives after Stop: %v", pid, err)
	}
	a.Stop()
	a.Start()
	if n := count(); n != 0 {
		t.Errorf("a new agent has %d keys", n)
	}
}

// childEnv tells the re-executed test binary to start a token and wait to be
// killed.
const childEnv = "ADAMAS_HSM_CHILD"

func TestChildProcess(t *testing.T) {
	if os.Getenv(childEnv) == "" {
		t.Skip("runs as a child of TestNothingOutlivesAKilledProcess")
	}
	tok := Token(t)
	os.Stdout.WriteString("token " + strconv.Itoa(tok.process.pid) + " " + tok.dir + "\n")
	select {}
}

func TestNothingOutlivesAKilledProcess(t *testing.T) {
	Token(t) // skips or fails here where there is no SoftHSM2
	cmd := exec.Command(os.Args[0], "-test.run=^TestChildProcess$", "-test.v")
	cmd.Env = append(os.Environ(), childEnv+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pid, dir := 0, ""
	for lines := bufio.NewScanner(out); dir == "" && lines.Scan(); {
		if f := strings.Fields(lines.Text()); len(f) == 3 && f[0] == "token" {
			pid, _ = strconv.Atoi(f[1])
			dir = f[2]
		}
	}
	if dir == "" || syscall.Kill(pid, 0) != nil {
		t.Fatalf("the child started no agent (pid %d, folder %q)", pid, dir)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		_, statErr := os.Stat(dir)
		gone := errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
		if gone && errors.Is(statErr, fs.ErrNotExist) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("30 s after the kill: agent %d gone %v, folder %s: %v", pid, gone, dir, statErr)
		}
	}
}

// verdictTB notes how a test would have ended: by the first of the two calls,
// since a real TB does not return from either. The embedded TB is never called.
type verdictTB struct {
	testing.TB
	ended string
}

func (v *verdictTB) Helper()               {}
func (v *verdictTB) Skipf(string, ...any)  { v.ended = cmp.Or(v.ended, "skipped") }
func (v *verdictTB) Fatalf(string, ...any) { v.ended = cmp.Or(v.ended, "failed") }

func TestWithoutThePrograms(t *testing.T) {
	for judges, want := range map[string]string{"": "skipped", "0": "skipped", "1": "failed"} {
		t.Setenv("ADAMAS_REQUIRE_JUDGES", judges)
		tb := &verdictTB{}
		need(tb, "no-such-program-as-this")
		if tb.ended != want {
			t.Errorf("ADAMAS_REQUIRE_JUDGES=%q: %s, want %s", judges, tb.ended, want)
		}
	}
}
