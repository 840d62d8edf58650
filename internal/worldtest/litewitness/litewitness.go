// Package litewitness gives a test a running litewitness: the C2SP tlog-witness
// of filippo.io/torchwood, written by others, as the judge of our logs and the
// measure of our own witness.
//
//	lw := litewitness.Start(t, "witness.example/lw1", logVKey, origin)
//	policy := "witness lw1 " + lw.VKey + " " + lw.URL + "\n"
//
// It is a process of its own on a loopback port, with a fresh Ed25519 key that
// an ssh-agent inside the test process holds, and a fresh SQLite database into
// which the helper writes what `witnessctl add-log` and `add-key` would
// (witnessctl itself does not install: its sigsum-go is not on the proxy).
//
// # Invariants
//
//   - No process outlives the test, nor the test process however that ends: the
//     parent of litewitness is a shell that waits on a pipe held by the test.
//   - The program is built by `go install` of the pinned Version, once for each
//     user: into the user's cache folder, by way of a temporary GOBIN.
//   - Where it cannot be built or run, the test is skipped, and fails instead
//     when ADAMAS_REQUIRE_JUDGES=1.
//
// What litewitness v0.9.0 does not do: GET <hash>/checkpoint, bodies over 10 KiB.
//
// Imports: modernc.org/sqlite, golang.org/x/crypto/ssh, verify/policy and the
// standard library. Only tests import this package.
package litewitness

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
	_ "modernc.org/sqlite" // the database litewitness keeps

	"adamas.example/verify/policy"
)

// Version of filippo.io/torchwood whose litewitness is run. v0.10 needs Go 1.27.
const Version = "v0.9.0"

// patience is how long a start may take; builds have their own.
const (
	patience      = 20 * time.Second
	buildPatience = 5 * time.Minute
)

// Witness is a running litewitness.
type Witness struct {
	URL  string // prefix of add-checkpoint, without a slash at the end
	VKey string // its key, signature type 0x04

	db   string
	stop func()
}

// Start runs a litewitness of this name that watches one log, until the test
// ends. logVKey is the log's key of signature type 0x01.
func Start(tb testing.TB, name, logVKey, origin string) *Witness {
	tb.Helper()
	program, err := build()
	if err != nil {
		unavailable(tb, err)
	}
	// Not TempDir of the test: the path of a socket has 107 bytes at most.
	dir, err := os.MkdirTemp("", "litewitness-")
	if err != nil {
		tb.Fatalf("litewitness: %v", err)
	}
	tb.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			tb.Errorf("litewitness: %v", err)
		}
	})
	socket, key, err := startAgent(tb, dir)
	if err != nil {
		unavailable(tb, err)
	}
	w := &Witness{
		VKey: policy.WitnessVKey(name, ed25519.PublicKey(key.public)).String(),
		db:   filepath.Join(dir, "witness.db"),
	}
	args := []string{program, "-name", name, "-key", key.fingerprint, "-ssh-agent", socket, "-db", w.db}
	if err := w.launch(tb, dir, args); err != nil {
		unavailable(tb, err)
	}
	w.AddLog(tb, origin, logVKey)
	return w
}

// AddLog puts another log on the list of a running litewitness.
func (w *Witness) AddLog(tb testing.TB, origin, logVKey string) {
	tb.Helper()
	const emptyRoot = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" // SHA-256 of nothing
	db, err := sql.Open("sqlite", "file:"+w.db+"?_pragma=busy_timeout(10000)")
	if err == nil {
		defer db.Close()
		_, err = db.ExecContext(tb.Context(),
			"INSERT INTO log (origin, tree_size, tree_hash) VALUES (?, 0, ?)", origin, emptyRoot)
	}
	if err == nil {
		_, err = db.ExecContext(tb.Context(), "INSERT INTO key (origin, key) VALUES (?, ?)", origin, logVKey)
	}
	if err != nil {
		tb.Fatalf("litewitness: adding log %s: %v", origin, err)
	}
}

// Stop ends the process before the test does. A second Stop does nothing.
func (w *Witness) Stop() { w.stop() }

// launch runs the program on a free port until it answers with its key there.
// Between finding a port and taking it somebody else may take it: then again.
func (w *Witness) launch(tb testing.TB, dir string, args []string) error {
	var failed error
	for range 5 {
		address, err := freeAddress()
		if err != nil {
			return err
		}
		logPath := filepath.Join(dir, "litewitness.log")
		stop, err := run(append(args, "-listen", address), logPath)
		if err != nil {
			return err
		}
		if err := await(tb.Context(), "http://"+address+"/", w.VKey); err != nil {
			stop()
			said, readErr := os.ReadFile(logPath)
			failed = errors.Join(err, readErr, fmt.Errorf("it said: %s", said))
			continue
		}
		w.URL, w.stop = "http://"+address, stop
		tb.Cleanup(stop)
		return nil
	}
	return failed
}

// await asks a litewitness's page for people until it names the key.
func await(ctx context.Context, url, vkey string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		page, err := fetch(ctx, url)
		if err == nil && strings.Contains(page, vkey) {
			return nil
		}
		if err == nil {
			return errors.New("another program answers on the port")
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("no answer: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func fetch(ctx context.Context, url string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	// The page is HTML: of all characters of a key only the plus is escaped.
	return strings.ReplaceAll(string(body), "&#43;", "+"), err
}

func freeAddress() (string, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return ln.Addr().String(), ln.Close()
}

// agentKey is a key as litewitness names it.
type agentKey struct {
	public      ed25519.PublicKey
	fingerprint string
}

// startAgent serves the ssh-agent protocol with one fresh key on a socket in dir.
func startAgent(tb testing.TB, dir string) (socket string, key agentKey, err error) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return "", agentKey{}, err
	}
	ring := agent.NewKeyring()
	if err := ring.Add(agent.AddedKey{PrivateKey: private}); err != nil {
		return "", agentKey{}, err
	}
	sshKey, err := ssh.NewPublicKey(public)
	if err != nil {
		return "", agentKey{}, err
	}
	socket = filepath.Join(dir, "agent.sock")
	ln, err := net.Listen("unix", socket)
	if err != nil {
		return "", agentKey{}, err
	}
	tb.Cleanup(func() { ln.Close() }) // removes the socket; a test may have removed it with dir
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return // closed by Cleanup
			}
			go func() {
				defer conn.Close()
				agent.ServeAgent(ring, conn) // ends with the connection, always by an error
			}()
		}
	}()
	return socket, agentKey{public: public, fingerprint: ssh.FingerprintSHA256(sshKey)}, nil
}

// build returns the program, from the user's cache or by `go install` into a
// temporary GOBIN beside it. Two tests that build at once both succeed: the
// last rename wins.
func build() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	program := filepath.Join(cache, "adamas-judges", "litewitness-"+Version, executable)
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	if err := os.MkdirAll(filepath.Dir(program), 0o700); err != nil {
		return "", err
	}
	gobin, err := os.MkdirTemp(filepath.Dir(program), "gobin-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(gobin)
	ctx, cancel := context.WithTimeout(context.Background(), buildPatience)
	defer cancel()
	install := exec.CommandContext(ctx, "go", "install", "filippo.io/torchwood/cmd/litewitness@"+Version)
	install.Dir = gobin // outside any module: its own go.mod decides
	install.Env = append(os.Environ(), "GOBIN="+gobin, "GOFLAGS=-buildvcs=false", "GOWORK=off", "CGO_ENABLED=0")
	if out, err := install.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go install litewitness@%s: %w: %s", Version, err, out)
	}
	return program, os.Rename(filepath.Join(gobin, executable), program)
}

func unavailable(tb testing.TB, err error) {
	tb.Helper()
	if os.Getenv("ADAMAS_REQUIRE_JUDGES") == "1" {
		tb.Fatalf("litewitness is required (ADAMAS_REQUIRE_JUDGES=1): %v", err)
	}
	tb.Skipf("litewitness is not to be had: %v", err)
}
