package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
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

// register gives the loaded register, made on first use.
func (r *run) register(ctx context.Context) (*register, error) {
	if r.loaded != nil {
		return r.loaded, nil
	}
	exe, err := r.buildAdamas(ctx)
	if err != nil {
		return nil, err
	}
	g := &register{exe: exe, folders: map[string]string{}}
	world, demo := filepath.Join(r.dir, "world"), filepath.Join(r.dir, "demo")
	if err := g.adamas(ctx, "demo", "--dir", demo, "--one-node", "--no-serve"); err != nil {
		return nil, err
	}
	if err := g.adamas(ctx, "generate", "certificates", "--out", world, "--count", fmt.Sprint(r.scale.certificates), "--years", "2006-2025"); err != nil {
		return nil, err
	}
	node := filepath.Join(demo, "node-cf")
	g.folders["SQLite"] = node
	if err := g.load(ctx, r, node, world); err != nil {
		return nil, err
	}
	dsn, drop, err := pgtest.Open(pgtest.Options{Durable: true})
	if err != nil {
		return nil, err
	}
	g.drop = drop
	r.loaded = g
	if g.folders["PostgreSQL"], err = g.copyTo(ctx, node, dsn); err != nil {
		return nil, err
	}
	return g, nil
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
		Followers: []follow.Follower{life.Follower{}, kept}})
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
		if err == nil && (c.Certificates < int64(r.scale.certificates) || c.Pending > 0 || c.Refused > 0) {
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
		number, err := store.Collect(tx, func(scan store.Scan) (n string, err error) { return n, scan(&n) },
			`SELECT number FROM certificate_life WHERE statement >= $1 ORDER BY statement LIMIT 1`, at[:])
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, number...)
	}
	return numbers, nil
}

// copyTo puts a backup of the node into another database, as its keeper would.
func (g *register) copyTo(ctx context.Context, dir, dsn string) (string, error) {
	backup, to := dir+".backup", dir+"-postgresql"
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
