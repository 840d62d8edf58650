// Package ledgertest starts a ledger with six witnesses, two of each pillar,
// for tests and benchmarks. Each witness is an HTTP server of its own with its
// own folder and key; nothing is shared between them but the machine. Tests
// that need them as separate processes start `adamas witness`.
package ledgertest

import (
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/witness"
	"adamas.example/internal/store"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

// Signer makes a ledger.Signer of a SYNTHETIC test key.
type Signer struct{ verifytest.Signer }

// Key is the public key.
func (s Signer) Key() statement.Key { return s.Signer.Key }

// Sign finishes u.
func (s Signer) Sign(_ context.Context, u *statement.Unsigned) ([]byte, error) {
	return s.Finish(u), nil
}

// Witness is a running witness.
type Witness struct {
	Label  string
	URL    string
	VKey   string
	dir    string
	signer verifytest.Signer
	addr   string
	stop   func()
}

// Stop ends the witness; Start begins it again at the same address.
func (w *Witness) Stop() { w.stop() }

// World is a log's surroundings.
type World struct {
	tb        testing.TB
	Dir       string
	Origin    string
	LogKey    verifytest.Signer
	Witnesses []*Witness
}

// Folder is tb.TempDir for a folder that logs lie in. Tessera's POSIX driver does
// not say when the checkpoint that it was publishing at Close is done, so the
// folder may still get a file while it is being removed: then it is removed again.
func Folder(tb testing.TB) string {
	tb.Helper()
	dir, err := os.MkdirTemp("", "adamas-log-")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		err := os.RemoveAll(dir)
		for deadline := time.Now().Add(10 * time.Second); err != nil && time.Now().Before(deadline); err = os.RemoveAll(dir) {
			time.Sleep(10 * time.Millisecond)
		}
		if err != nil {
			tb.Error(err)
		}
	})
	return dir
}

// New starts six witnesses for a log of the given origin.
func New(tb testing.TB, origin string) *World {
	w := &World{tb: tb, Dir: Folder(tb), Origin: origin, LogKey: verifytest.NewSigner("log " + origin)}
	for _, label := range verifytest.WitnessLabels {
		x := &Witness{Label: label, dir: filepath.Join(w.Dir, "witness-"+label), signer: verifytest.NewSigner("witness " + label), stop: func() {}}
		w.Start(x)
		w.Witnesses = append(w.Witnesses, x)
	}
	tb.Cleanup(func() {
		for _, x := range w.Witnesses {
			x.stop()
		}
	})
	return w
}

// Start runs a witness that is not running.
func (w *World) Start(x *Witness) {
	w.tb.Helper()
	wit, err := witness.New(witness.Config{Dir: x.dir, Name: "witness." + x.Label + ".example/w", Signer: x.signer.Private, Now: time.Now,
		Logs: []witness.Log{{Origin: w.Origin, VKeys: []string{w.LogVKey().String()}}}})
	if err != nil {
		w.tb.Fatal(err)
	}
	addr := x.addr
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		w.tb.Fatal(err)
	}
	x.addr, x.URL, x.VKey = ln.Addr().String(), "http://"+ln.Addr().String(), wit.VKey()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		wit.Serve(ctx, ln)
		wit.Close()
	}()
	x.stop = func() {
		cancel()
		<-done
		x.stop = func() {}
	}
}

// LogVKey is the log's verifier key.
func (w *World) LogVKey() policy.VKey { return policy.LogVKey(w.Origin, w.LogKey.Public()) }

// Policy is the policy text, with the witnesses' URLs.
func (w *World) Policy() string {
	var b strings.Builder
	fmt.Fprintf(&b, "log %s\n", w.LogVKey())
	for _, x := range w.Witnesses {
		fmt.Fprintf(&b, "witness %s %s %s\n", x.Label, x.VKey, x.URL)
	}
	b.WriteString("group government any gov1 gov2\ngroup industry any ind1 ind2\ngroup civil any civ1 civ2\n")
	b.WriteString("group tripartite all government industry civil\nquorum tripartite\n")
	return b.String()
}

// LogConfig is the log's configuration, in the folder "log" of Dir.
func (w *World) LogConfig() ledger.LogConfig {
	s, err := noteSigner(w.Origin, w.LogKey)
	if err != nil {
		w.tb.Fatal(err)
	}
	return ledger.LogConfig{Dir: filepath.Join(w.Dir, "log"), Signer: s, Policy: w.Policy(), Interval: 100 * time.Millisecond, WitnessTimeout: 2 * time.Second}
}

// noteSigner is the log's signer in the form of x/mod.
func noteSigner(name string, s verifytest.Signer) (note.Signer, error) {
	vk := policy.LogVKey(name, s.Public())
	return note.NewSigner(fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", name, vk.Hash, seedText(s)))
}

// Open opens a store in the folder of Dir, migrates the ledger's tables and
// others, and starts the ledger; all is closed at the test's end.
func (w *World) Open(folder string, others ...store.Schema) *ledger.Ledger {
	w.tb.Helper()
	l, done := w.OpenWith(ledger.Config{}, w.LogConfig(), store.Config{Path: filepath.Join(w.Dir, folder, "adamas.db")}, others...)
	w.tb.Cleanup(done)
	return l
}

// OpenWith is Open with the caller's configurations; done closes everything.
func (w *World) OpenWith(cfg ledger.Config, lc ledger.LogConfig, sc store.Config, others ...store.Schema) (_ *ledger.Ledger, done func()) {
	w.tb.Helper()
	ctx := context.Background()
	s, err := store.Open(ctx, sc)
	if err != nil {
		w.tb.Fatal(err)
	}
	if err := s.Migrate(ctx, time.Now(), append([]store.Schema{ledger.Schema()}, others...)); err != nil {
		w.tb.Fatal(err)
	}
	lg, err := ledger.OpenLog(ctx, lc)
	if err != nil {
		w.tb.Fatal(err)
	}
	cfg.Store, cfg.Log = s, lg
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	l, err := ledger.Open(ctx, cfg)
	if err != nil {
		w.tb.Fatal(err)
	}
	return l, func() {
		l.Close()
		lg.Close()
		s.Close()
	}
}

func seedText(s verifytest.Signer) string {
	return base64.StdEncoding.EncodeToString(append([]byte{1}, s.Private.Seed()...))
}
