package recovery_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"k8s.io/klog/v2"

	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/ledgertest"
	"adamas.example/internal/ledger/recovery"
	"adamas.example/internal/ledger/tiles"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/proof"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

// TestMain keeps Tessera's log lines out of the tests'.
func TestMain(m *testing.M) {
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
	m.Run()
}

const origin = "cf.kp.example/2026"

// patience is how long a test waits for what must happen.
const patience = 30 * time.Second

// office is a SYNTHETIC office with six witnesses. It signs with ES256, whose
// signatures of the same bytes differ: what is signed twice shows.
type office struct {
	*testing.T
	world *ledgertest.World
	key   *keyring.Signer
}

func newOffice(t *testing.T) *office {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := keyring.NewSigner(keyring.Office, private)
	if err != nil {
		t.Fatal(err)
	}
	return &office{t, ledgertest.New(t, origin), key}
}

// logConfig is that of the log in a node's folder.
func (o *office) logConfig(dir string) ledger.LogConfig {
	lc := o.world.LogConfig()
	lc.Dir = filepath.Join(dir, "log")
	return lc
}

func databaseIn(dir string) store.Config { return store.Config{Path: filepath.Join(dir, "adamas.db")} }

// open opens the node in a folder.
func (o *office) open(dir string) (*ledger.Ledger, func()) {
	o.Helper()
	l, done := o.world.OpenWith(ledger.Config{}, o.logConfig(dir), databaseIn(dir))
	done = sync.OnceFunc(done)
	o.Cleanup(done)
	return l, done
}

func ruleSet(n int) (statement.Header, statement.Body) {
	return statement.Header{Issuer: "CF/bangui", IssuedAt: verifytest.Start, Subject: fmt.Sprintf("rule-set/%d", n), Synthetic: true},
		&statement.RuleSet{Set: "kpcs", Version: fmt.Sprint(n), Content: canonical.Sum([]byte{byte(n), 1}), From: 20000}
}

// record records statements from, from+1, ... on subjects of their own.
func (o *office) record(l *ledger.Ledger, want ledger.State, from, n int) (out []*ledger.Entry) {
	o.Helper()
	ctx, cancel := context.WithTimeout(o.Context(), patience)
	defer cancel()
	for i := range n {
		h, b := ruleSet(from + i)
		e, err := l.Record(ctx, o.key, h, b, want)
		if err != nil {
			o.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

// intend fixes the bytes of a statement and does not sign them.
func (o *office) intend(l *ledger.Ledger, n int) canonical.Hash {
	o.Helper()
	h, b := ruleSet(n)
	var in *ledger.Intent
	err := l.Store().Write(o.Context(), time.Now(), func(tx *store.Tx) (err error) {
		in, err = l.Intend(tx, o.key.Key(), h, b)
		return err
	})
	if err != nil {
		o.Fatal(err)
	}
	return in.ID
}

// snapshot is a backup.
func (o *office) snapshot(l *ledger.Ledger) string {
	o.Helper()
	file := filepath.Join(o.TempDir(), "backup")
	if err := l.Store().Snapshot(o.Context(), file, nil); err != nil {
		o.Fatal(err)
	}
	return file
}

func (o *office) policy() *policy.Policy {
	o.Helper()
	p, err := policy.Parse(o.world.Policy())
	if err != nil {
		o.Fatal(err)
	}
	return p
}

// mirror copies a node's log as somebody else would.
func (o *office) mirror(dir string) *tiles.Source {
	o.Helper()
	to := filepath.Join(o.TempDir(), "mirror")
	if _, err := tiles.Mirror(o.Context(), tiles.OpenFolder(filepath.Join(dir, "log")), to, o.policy(), nil); err != nil {
		o.Fatal(err)
	}
	return tiles.OpenFolder(to)
}

// copyOf copies a node's folder as a careless person would.
func (o *office) copyOf(dir string) string {
	o.Helper()
	to := o.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		o.Fatal(err)
	}
	return to
}

// node opens the database in a folder for recovery.
func (o *office) node(dir string) (*recovery.Node, func()) {
	o.Helper()
	s, err := store.Open(o.Context(), databaseIn(dir))
	if err != nil {
		o.Fatal(err)
	}
	return &recovery.Node{Store: s, Log: o.logConfig(dir), Now: time.Now}, func() {
		if err := s.Close(); err != nil {
			o.Error(err)
		}
	}
}

func (o *office) recover(dir string, from *tiles.Source, apply bool) (*recovery.Recovered, error) {
	o.Helper()
	n, done := o.node(dir)
	defer done()
	return n.Recover(o.Context(), from, apply)
}

func (o *office) mustRecover(dir string, from *tiles.Source) *recovery.Recovered {
	o.Helper()
	r, err := o.recover(dir, from, true)
	if err != nil {
		o.Fatal(err)
	}
	return r
}

func (o *office) restore(file, dir string, apply bool) (*recovery.Restored, error) {
	b := recovery.Backup{File: file, Into: databaseIn(dir), Schemas: []store.Schema{ledger.Schema()}, Log: o.logConfig(dir), Now: time.Now}
	return b.Restore(o.Context(), apply)
}

func (o *office) wantFault(err error, key string) {
	o.Helper()
	if !fault.Is(err, key) {
		o.Fatalf("got %v, want fault %s", err, key)
	}
}

// await waits for what the node does by itself.
func (o *office) await(what string, done func() bool) {
	o.Helper()
	ctx, cancel := context.WithTimeout(o.Context(), patience)
	defer cancel()
	for !done() {
		select {
		case <-ctx.Done():
			o.Fatalf("%s: did not happen", what)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// witnessed waits until entries are witnessed, holds them against the proofs that
// the ledger gives, and against the log's files.
func (o *office) witnessed(l *ledger.Ledger, es ...*ledger.Entry) {
	o.Helper()
	ctx, cancel := context.WithTimeout(o.Context(), patience)
	defer cancel()
	for _, e := range es {
		now, err := l.Await(ctx, e.ID, ledger.Witnessed)
		if fault.Is(err, "ledger.unknown_entry") { // found in the log: known by its hash
			o.await(e.Subject, func() bool {
				now, err = l.Entry(ctx, e.Hash)
				return err != nil || now.State() == ledger.Witnessed
			})
		}
		if err != nil {
			o.Fatalf("%s: %v", e.Subject, err)
		}
		if !bytes.Equal(now.Signed, e.Signed) {
			o.Fatalf("%s has other bytes", e.Subject)
		}
		p, err := l.Proof(ctx, now)
		if err != nil {
			o.Fatalf("%s: %v", e.Subject, err)
		}
		_, err = o.policy().Check(p.Checkpoint)
		if err := errors.Join(err, p.CheckPath(proof.LeafHash(e.Signed))); err != nil {
			o.Fatalf("%s: %v", e.Subject, err)
		}
		leaves, err := l.Log().Leaves(ctx, now.Index, now.Index+1)
		if err != nil || !bytes.Equal(leaves[0], e.Signed) {
			o.Fatalf("%s: entry %d of the files is another: %v", e.Subject, now.Index, err)
		}
	}
}

// stopWitnesses stops those with the labels.
func (o *office) stopWitnesses(labels ...string) {
	for _, w := range o.world.Witnesses {
		if slices.Contains(labels, w.Label) || labels == nil {
			w.Stop()
		}
	}
}

func (o *office) startWitnesses() {
	for _, w := range o.world.Witnesses {
		w.Stop()
		o.world.Start(w)
	}
}

func leafHash(e *ledger.Entry) canonical.Hash { return proof.LeafHash(e.Signed) }
