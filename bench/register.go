package main

import (
	"cmp"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"adamas.example/internal/app"
	"adamas.example/internal/app/node"
	"adamas.example/internal/certificate/life"
	"adamas.example/internal/keyring"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/ledger/tiles"
	"adamas.example/internal/module"
	"adamas.example/internal/store"
	"adamas.example/internal/worldtest/pgtest"
	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
)

// register is a node whose views hold the certificates of every Participant over
// twenty years, as SYNTHETIC logs tell them: made once in a run, on both engines.
type register struct {
	exe     string
	folders map[string]string // of the node, by engine
	numbers []string          // of certificates, drawn evenly from all
	entries int64             // followed
	count   int64             // certificates in the view
	drop    func() error      // the database in PostgreSQL
}

// The engines, in the order in which they are told.
var engines = []string{"SQLite", "PostgreSQL"}

// register gives the loaded register, made on first use, or found where an earlier run
// has left it.
func (r *run) register(ctx context.Context) (*register, error) {
	if r.loaded != nil {
		return r.loaded, nil
	}
	exe, err := r.buildAdamas(ctx)
	if err != nil {
		return nil, err
	}
	g := &register{exe: exe, folders: map[string]string{}}
	base := cmp.Or(r.keep, r.dir)
	node := filepath.Join(base, "demo", "node-cf")
	if err := g.find(base, r.scale.certificates); errors.Is(err, fs.ErrNotExist) {
		err = g.make(ctx, r, base, node)
		if err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	g.folders["SQLite"] = node
	dsn, drop, err := pgtest.Open(pgtest.Options{Durable: true})
	if err != nil {
		return nil, err
	}
	g.drop, r.loaded = drop, g
	g.folders["PostgreSQL"], err = g.copyTo(ctx, node, filepath.Join(r.dir, "node-postgresql"), dsn)
	return g, err
}

// keptFile says what a folder of -keep holds; it is written last.
const keptFile = "register.json"

// keptRegister is its content.
type keptRegister struct {
	Numbers      []string `json:"numbers"`
	Entries      int64    `json:"entries"`
	Certificates int64    `json:"certificates"`
	Asked        int      `json:"asked"`
}

// find reads what an earlier run has left. Error fs.ErrNotExist.
func (g *register) find(base string, certificates int) error {
	b, err := os.ReadFile(filepath.Join(base, keptFile))
	if err != nil {
		return err
	}
	var k keptRegister
	if err := json.Unmarshal(b, &k); err != nil {
		return fmt.Errorf("%s: %w", keptFile, err)
	}
	if k.Asked != certificates {
		return fmt.Errorf("%s holds %d certificates, want %d", base, k.Asked, certificates)
	}
	g.numbers, g.entries, g.count = k.Numbers, k.Entries, k.Certificates
	return nil
}

// make tells the demonstration, generates the world and has the node follow it.
func (g *register) make(ctx context.Context, r *run, base, node string) error {
	world := filepath.Join(base, "world")
	if err := g.adamas(ctx, "demo", "--dir", filepath.Join(base, "demo"), "--one-node", "--no-serve"); err != nil {
		return err
	}
	if err := g.adamas(ctx, "generate", "certificates", "--out", world, "--count", fmt.Sprint(r.scale.certificates), "--years", "2006-2025"); err != nil {
		return err
	}
	if err := g.load(ctx, r, node, world); err != nil {
		return err
	}
	b, err := json.Marshal(keptRegister{g.numbers, g.entries, g.count, r.scale.certificates})
	return errors.Join(err, os.RemoveAll(world), os.WriteFile(filepath.Join(base, keptFile), b, 0o644))
}

// adamas runs the program as its user would; what it prints is kept for its error.
func (g *register) adamas(ctx context.Context, args ...string) error {
	cmd := exec.CommandContext(ctx, g.exe, args...)
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("adamas %s: %w\n%s", strings.Join(args, " "), err, text)
	}
	return nil
}

// openNode opens the node in a folder as a command does.
func openNode(ctx context.Context, dir string) (*node.Node, error) {
	var schemas node.Schemas
	for _, m := range app.Modules() {
		if m.Schema != nil {
			schemas = append(schemas, store.Schema{Module: m.Name, Files: m.Schema})
		}
	}
	words, err := lang.LoadOne(lang.English)
	if err != nil {
		return nil, err
	}
	return node.Open(&module.Env{Context: ctx, Out: io.Discard, Err: io.Discard, Now: time.Now, Getenv: os.Getenv, Words: words.Printer(lang.English)}, dir, schemas)
}

// appointments is a follower that keeps what decides whom to believe.
type appointments struct {
	entries []trust.Entry
}

// Name is the follower's.
func (*appointments) Name() string { return "bench.appointments" }

// Reset empties it.
func (a *appointments) Reset(*store.Tx) error {
	a.entries = nil
	return nil
}

// Apply keeps a statement about offices, keys and numbers.
func (a *appointments) Apply(_ *store.Tx, e follow.Followed) error {
	if e.Statement == nil || e.Own {
		return nil
	}
	switch e.Statement.Type {
	case statement.TypeParticipant, statement.TypeOfficeKey, statement.TypeKeyRevoked, statement.TypeNumberRange, statement.TypeLogClosed:
		a.entries = append(a.entries, trust.Entry{Origin: e.Origin, Index: uint64(e.Index), Statement: e.Statement})
	}
	return nil
}

// load brings the view of certificates up to all of the world's logs, by the code
// that a node follows others with, and judges who signed what by its trust documents.
func (g *register) load(ctx context.Context, r *run, dir, world string) (err error) {
	n, err := openNode(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.Close()) }()
	roots, err := keyring.ReadRoots(world)
	if err != nil {
		return err
	}
	chain, err := trust.ParseChain(roots, canonical.Hash{})
	if err != nil {
		return err
	}
	kept := &appointments{}
	followers, err := follow.New(follow.Config{Ledger: n.Ledger, Now: time.Now, Slog: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Followers: []follow.Follower{life.Follower{}, life.Contents{}, kept}})
	if err != nil {
		return err
	}
	logs := chain.Current().Logs
	r.bar.expect(len(logs) + 1)
	for _, l := range logs {
		pol, err := policy.Parse(l.Policy)
		if err != nil {
			return err
		}
		pass, err := followers.Log(ctx, follow.Feed{Source: tiles.OpenFolder(filepath.Join(world, "logs", strings.ToUpper(l.Origin[:2]))), Policy: pol})
		if err != nil {
			return fmt.Errorf("%s: %w", l.Origin, err)
		}
		g.entries += pass.Read
		r.bar.step()
	}
	directory, err := trust.NewDirectory(chain, kept.entries)
	if err != nil {
		return err
	}
	if _, err := life.Settle(ctx, n.Store, time.Now(), directory); err != nil {
		return err
	}
	r.bar.step()
	return n.Store.Read(ctx, time.Now(), func(tx *store.Tx) error {
		c, err := life.Count(tx)
		if err == nil && c.Certificates < int64(r.scale.certificates) {
			err = fmt.Errorf("of %d certificates the view holds %+v", r.scale.certificates, c)
		}
		if g.count = c.Certificates; err == nil {
			g.numbers, err = drawn(tx, r.scale.pageNumbers)
		}
		return err
	})
}

// drawn gives numbers of certificates, evenly from all since a statement's hash is
// anywhere; the same in every run over the same world.
func drawn(tx *store.Tx, count int) (numbers []string, err error) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range count {
		var at [32]byte
		binary.BigEndian.PutUint64(at[:], rng.Uint64())
		number, err := store.Collect(tx, func(scan store.Scan) (n string, err error) {
			err = scan(&n)
			return n, err
		}, `SELECT number FROM certificate_life WHERE statement >= $1 ORDER BY statement LIMIT 1`, at[:])
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, number...)
	}
	return numbers, nil
}

// copyTo puts a backup of the node into another database, as its keeper would.
func (g *register) copyTo(ctx context.Context, dir, to, dsn string) (string, error) {
	backup := to + ".backup"
	if err := g.adamas(ctx, "backup", "--dir", dir, backup); err != nil {
		return "", err
	}
	defer os.Remove(backup)
	if text, err := exec.CommandContext(ctx, "cp", "-a", dir, to).CombinedOutput(); err != nil { // os.CopyFS would make the keys readable
		return "", fmt.Errorf("cp: %w\n%s", err, text)
	}
	for _, made := range []string{"adamas.db", "adamas.db-wal", "adamas.db-shm", node.LogFolder} {
		if err := os.RemoveAll(filepath.Join(to, made)); err != nil {
			return "", err
		}
	}
	config, err := node.ReadConfig(to)
	if err != nil {
		return "", err
	}
	config.Database = dsn
	if err := errors.Join(os.Remove(filepath.Join(to, "node.toml")), node.WriteConfig(to, config)); err != nil {
		return "", err
	}
	return to, g.adamas(ctx, "restore", "--dir", to, "--apply", backup)
}
