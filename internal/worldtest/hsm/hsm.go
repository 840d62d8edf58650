// Package hsm gives tests a real ssh-agent and, behind it, a real PKCS#11
// token: SoftHSM2, as an office's hardware security module would stand there.
//
//	a := hsm.Agent(t)               // an empty ssh-agent
//	tok := hsm.Token(t)             // an ssh-agent with a P-256 key in SoftHSM2
//	keyring.Agent(ctx, tok.Socket, tok.Public, keyring.Office)
//
// # Invariants
//
//   - No process and no folder outlives the test process, however that ends:
//     each agent's parent is a shell that waits on a pipe held by the test
//     process and, when it closes, ends the agent it started and no other.
//   - Each token has a folder, a configuration and a PIN of its own; the
//     machine's own SoftHSM2 is not touched.
//   - The private key of a token is in SoftHSM2 alone: the file it came from is
//     deleted before Token returns.
//   - Without the programs (Debian: openssh-client, softhsm2) the test is
//     skipped, and fails instead when ADAMAS_REQUIRE_JUDGES=1 (`make test` sets
//     it).
//
// Imports: x/crypto/ssh and the standard library. Only tests import this package.
package hsm

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// patience bounds each command; the slowest makes a token in under a second.
const patience = time.Minute

// SSHAgent is a running ssh-agent.
type SSHAgent struct {
	Socket string

	tb      testing.TB
	dir     string // short: a socket's path has at most 107 bytes
	env     []string
	process *process
}

// Agent starts an empty ssh-agent that ends with the test.
func Agent(tb testing.TB) *SSHAgent {
	tb.Helper()
	need(tb, "ssh-agent", "ssh-add")
	return newAgent(tb, nil)
}

func newAgent(tb testing.TB, setting func(dir string) []string) *SSHAgent {
	tb.Helper()
	parent := os.TempDir()
	if len(parent) > 60 {
		parent = "/tmp"
	}
	dir, err := os.MkdirTemp(parent, "adamas-hsm-")
	if err != nil {
		tb.Fatalf("hsm: %v", err)
	}
	a := &SSHAgent{Socket: filepath.Join(dir, "agent.sock"), tb: tb, dir: dir,
		env: []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "LC_ALL=C", "TZ=UTC"}}
	if setting != nil {
		a.env = append(a.env, setting(dir)...)
	}
	tb.Cleanup(func() {
		a.Stop()
		if err := os.RemoveAll(dir); err != nil {
			tb.Errorf("hsm: %v", err)
		}
	})
	a.Start()
	return a
}

// Start starts the agent again, empty, at the same socket; it waits until the
// agent answers.
func (a *SSHAgent) Start() {
	a.tb.Helper()
	p, err := start(a.dir, a.Socket, a.env)
	if err != nil {
		unavailable(a.tb, err)
	}
	a.process = p
	for deadline := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		if err = a.do(func(c agent.ExtendedAgent) error { _, err := c.List(); return err }); err == nil {
			return
		}
		if time.Now().After(deadline) {
			a.tb.Fatalf("hsm: the agent does not answer: %v", err)
		}
	}
}

// Stop ends the agent and waits until it has gone; what it held is lost, as
// after a restart of the machine. Stopping twice is allowed.
func (a *SSHAgent) Stop() {
	if a.process != nil {
		a.process.stop()
		a.process = nil
	}
}

// Add puts a private key (ed25519.PrivateKey or *ecdsa.PrivateKey) into the
// agent and gives its public line, as `ssh-add -L` shows it.
func (a *SSHAgent) Add(key any) string {
	a.tb.Helper()
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		a.tb.Fatalf("hsm: %v", err)
	}
	if err := a.do(func(c agent.ExtendedAgent) error { return c.Add(agent.AddedKey{PrivateKey: key}) }); err != nil {
		a.tb.Fatalf("hsm: adding a key: %v", err)
	}
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(signer.PublicKey())))
}

// SetLock locks the agent, as `ssh-add -x` does, or unlocks it.
func (a *SSHAgent) SetLock(locked bool) {
	a.tb.Helper()
	word := []byte("between two breaths")
	err := a.do(func(c agent.ExtendedAgent) error {
		if locked {
			return c.Lock(word)
		}
		return c.Unlock(word)
	})
	if err != nil {
		a.tb.Fatalf("hsm: locking the agent: %v", err)
	}
}

func (a *SSHAgent) do(f func(agent.ExtendedAgent) error) error {
	conn, err := dial(a.Socket)
	if err != nil {
		return err
	}
	defer conn.Close()
	return f(agent.NewClient(conn))
}

// run runs a command in the agent's surroundings and gives its output.
func (a *SSHAgent) run(env []string, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(append(a.env[:len(a.env):len(a.env)], "SSH_AUTH_SOCK="+a.Socket), env...)
	cmd.Dir = a.dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", name, err, out)
	}
	return string(out), nil
}

// SoftToken is a PKCS#11 token of SoftHSM2 with one P-256 key, loaded into an
// ssh-agent.
type SoftToken struct {
	*SSHAgent
	Public string           // the key's line of `ssh-add -L`
	Key    *ecdsa.PublicKey // the same key

	library string
	pin     string
}

const tokenLabel = "adamas-synthetic"

// Token makes a token with a new P-256 key and loads it into a new agent.
func Token(tb testing.TB) *SoftToken {
	tb.Helper()
	need(tb, "ssh-agent", "ssh-add", "softhsm2-util")
	library, err := findLibrary()
	if err != nil {
		unavailable(tb, err)
	}
	t := &SoftToken{library: library, pin: rand.Text()[:12]}
	t.SSHAgent = newAgent(tb, func(dir string) []string {
		return []string{"SOFTHSM2_CONF=" + filepath.Join(dir, "softhsm2.conf")}
	})
	if err := t.make(); err != nil {
		tb.Fatalf("hsm: making a token: %v", err)
	}
	t.Load()
	return t
}

// make initialises the token and moves a new key into it.
func (t *SoftToken) make() error {
	tokens := filepath.Join(t.dir, "tokens")
	conf := fmt.Sprintf("directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n", tokens)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	file := filepath.Join(t.dir, "import.pem")
	err = errors.Join(os.Mkdir(tokens, 0o700),
		os.WriteFile(filepath.Join(t.dir, "softhsm2.conf"), []byte(conf), 0o600),
		os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600))
	if err != nil {
		return err
	}
	_, err = t.run(nil, "softhsm2-util", "--init-token", "--free", "--label", tokenLabel, "--so-pin", t.pin, "--pin", t.pin)
	if err != nil {
		return err
	}
	_, err = t.run(nil, "softhsm2-util", "--import", file, "--token", tokenLabel, "--label", "office", "--id", "a1", "--pin", t.pin)
	if err := errors.Join(err, os.Remove(file)); err != nil {
		return err
	}
	public, err := ssh.NewPublicKey(key.Public())
	if err != nil {
		return err
	}
	t.Key, t.Public = &key.PublicKey, strings.TrimSpace(string(ssh.MarshalAuthorizedKey(public)))
	return nil
}

// Load gives the token to the agent, as `ssh-add -s` does at an officer's
// console; after Stop and Start it is needed again.
func (t *SoftToken) Load() {
	t.tb.Helper()
	ask := filepath.Join(t.dir, "askpass")
	err := os.WriteFile(ask, []byte("#!/bin/sh\nprintf '%s\\n' \"$ADAMAS_TEST_PIN\"\n"), 0o700)
	if err == nil {
		_, err = t.run([]string{"SSH_ASKPASS=" + ask, "SSH_ASKPASS_REQUIRE=force", "ADAMAS_TEST_PIN=" + t.pin},
			"ssh-add", "-q", "-s", t.library)
	}
	if err == nil {
		err = t.holds()
	}
	if err != nil {
		t.tb.Fatalf("hsm: loading the token: %v", err)
	}
}

// Remove takes the token out of the agent (`ssh-add -e`).
func (t *SoftToken) Remove() {
	t.tb.Helper()
	if _, err := t.run(nil, "ssh-add", "-q", "-e", t.library); err != nil {
		t.tb.Fatalf("hsm: removing the token: %v", err)
	}
}

// holds makes sure that the agent has the very key.
func (t *SoftToken) holds() error {
	return t.do(func(c agent.ExtendedAgent) error {
		keys, err := c.List()
		for _, k := range keys {
			if strings.HasPrefix(k.String(), t.Public) {
				return nil
			}
		}
		return errors.Join(err, fmt.Errorf("the agent has %d keys, none of them the token's", len(keys)))
	})
}

// libraries are the places of SoftHSM2's PKCS#11 library in Debian, Fedora and
// a local build; the agent is told to allow these and no others.
var libraries = []string{"/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/*/softhsm/libsofthsm2.so",
	"/usr/lib64/pkcs11/libsofthsm2.so", "/usr/local/lib/softhsm/libsofthsm2.so"}

func findLibrary() (string, error) {
	for _, pattern := range libraries {
		found, err := filepath.Glob(pattern)
		if err != nil {
			return "", err
		}
		if len(found) > 0 {
			return found[0], nil
		}
	}
	return "", fmt.Errorf("libsofthsm2.so is in none of %s", strings.Join(libraries, ", "))
}

func need(tb testing.TB, programs ...string) {
	tb.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			unavailable(tb, err)
		}
	}
}

func unavailable(tb testing.TB, err error) {
	tb.Helper()
	if os.Getenv("ADAMAS_REQUIRE_JUDGES") == "1" {
		tb.Fatalf("hsm: openssh-client and softhsm2 are required (ADAMAS_REQUIRE_JUDGES=1): %v", err)
	}
	tb.Skipf("hsm: no ssh-agent or SoftHSM2: %v", err)
}
