package app

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"adamas.example/internal/certificate"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/keyring"
	"adamas.example/internal/ledger"
	"adamas.example/internal/module"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
	"adamas.example/rules"
)

// nodeConfig is node.toml: what a node is. Its comments are the manual.
type nodeConfig struct {
	// Office is who issues here, e.g. "CF/bangui".
	Office string `toml:"office"`
	// Station is this PC, e.g. "CF/bangui/pc-1": number ranges name it.
	Station string `toml:"station"`
	// Origin is the name of the home log, e.g. "cf.kp.example/2026".
	Origin string `toml:"origin"`
	// Database is empty for adamas.db in this folder, or postgres://...
	Database string `toml:"database"`
	// Interval is how often the log publishes while entries come in, in
	// milliseconds; 0 means 1000.
	Interval int `toml:"checkpoint_interval_ms"`
	// Synthetic marks every statement of this node as made-up.
	Synthetic bool `toml:"synthetic"`
}

// Names in a node's folder.
const (
	configFile = "node.toml"
	policyFile = "policy.txt" // C2SP tlog-policy with the witnesses' URLs
	keysFolder = "keys"
	logFolder  = "log"
	rootFolder = "trust" // root-1.cbor, root-2.cbor, ...
)

// Names of a node's keys in its ring.
const (
	logKey    = "log"
	officeKey = "office"
)

func readConfig(dir string) (nodeConfig, error) {
	path := filepath.Join(dir, configFile)
	var c nodeConfig
	meta, err := toml.DecodeFile(path, &c)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return c, fault.NotFound("node.no_config", fault.File(path), fault.Because(err))
	case err != nil:
		return c, fault.Invalid("node.bad_config", fault.File(path), fault.Arg("why", err.Error()), fault.Because(err))
	}
	var faults fault.List
	for _, k := range meta.Undecoded() {
		faults.Add(fault.Invalid("node.unknown_setting", fault.File(path), fault.At(k.String())))
	}
	if _, err := ident.ParseOffice(c.Office); err != nil {
		faults.Add(fault.Locate(err, fault.File(path), fault.At("office")))
	}
	if s, err := ident.ParseStation(c.Station); err != nil {
		faults.Add(fault.Locate(err, fault.File(path), fault.At("station")))
	} else if string(s.Office()) != c.Office {
		faults.Add(fault.Invalid("node.station_elsewhere", fault.File(path), fault.At("station"), fault.Arg("office", c.Office)))
	}
	if c.Interval != 0 && c.Interval < 100 {
		faults.Add(fault.Invalid("node.interval", fault.File(path), fault.At("checkpoint_interval_ms")))
	}
	return c, faults.Err()
}

func writeConfig(dir string, c nodeConfig) error {
	var b strings.Builder
	if err := toml.NewEncoder(&b).Encode(c); err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, configFile), []byte(b.String()))
}

// node is an open node.
type node struct {
	dir    string
	config nodeConfig
	ring   *keyring.Ring
	office *keyring.Signer
	store  *store.Store
	log    *ledger.Log
	ledger *ledger.Ledger
	desk   *certificate.Service
	rules  rule.Set
	cancel context.CancelFunc
}

// openNode opens everything a node has, in the order in which it depends on
// each other; on an error what was opened is closed again.
func openNode(env *module.Env, dir string) (_ *node, err error) {
	n := &node{dir: dir}
	if n.config, err = readConfig(dir); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(env.Context))
	n.cancel = cancel
	defer func() {
		if err != nil {
			n.close()
		}
	}()
	if n.rules, err = loadRules(); err != nil {
		return nil, err
	}
	if n.ring, err = keyring.Unlock(filepath.Join(dir, keysFolder), env.Passphrase); err != nil {
		return nil, err
	}
	if n.office, err = n.ring.Signer(ctx, officeKey, keyring.Office); err != nil {
		return nil, err
	}
	sc, err := store.ConfigFor(n.config.Database, dir)
	if err != nil {
		return nil, err
	}
	if n.store, err = store.Open(ctx, sc); err != nil {
		return nil, err
	}
	if err = n.store.Migrate(ctx, env.Now(), schemas()); err != nil {
		return nil, err
	}
	if err = n.openLedger(ctx, env); err != nil {
		return nil, err
	}
	n.desk = certificate.New(certificate.Config{Ledger: n.ledger, Rules: n.rules, Office: n.config.Office, Station: n.config.Station,
		Signer: n.office, Now: env.Now, Entropy: rand.Reader, Synthetic: n.config.Synthetic})
	_, err = n.desk.Resume(ctx)
	return n, err
}

// openForFace opens a node for a command that stands in a module.
func openForFace(env *module.Env, dir string) (*module.Node, error) {
	n, err := openNode(env, dir)
	if err != nil {
		return nil, err
	}
	roots, err := n.roots()
	if err != nil {
		return nil, errors.Join(err, n.close())
	}
	return &module.Node{Office: n.config.Office, Synthetic: n.config.Synthetic, LogFolder: filepath.Join(dir, logFolder),
		Signer: n.office, Ledger: n.ledger, Roots: roots, Close: n.close}, nil
}

func (n *node) openLedger(ctx context.Context, env *module.Env) error {
	path := filepath.Join(n.dir, policyFile)
	policy, err := os.ReadFile(path)
	if err != nil {
		return fault.NotFound("node.no_policy", fault.File(path), fault.Because(err))
	}
	key, err := n.ring.Signer(ctx, logKey, keyring.Log)
	if err != nil {
		return err
	}
	signer, err := keyring.NoteSigner(ctx, key, n.config.Origin)
	if err != nil {
		return err
	}
	n.log, err = ledger.OpenLog(ctx, ledger.LogConfig{Dir: filepath.Join(n.dir, logFolder), Signer: signer, Policy: string(policy),
		Interval: time.Duration(n.config.Interval) * time.Millisecond})
	if err != nil {
		return err
	}
	n.ledger, err = ledger.Open(ctx, ledger.Config{Store: n.store, Log: n.log, Now: env.Now,
		Slog: slog.New(slog.NewTextHandler(env.Err, &slog.HandlerOptions{Level: slog.LevelWarn}))})
	return err
}

// close closes what is open, last first.
func (n *node) close() error {
	var err error
	if n.ledger != nil {
		n.ledger.Close()
	}
	if n.log != nil {
		n.log.Close()
	}
	if n.store != nil {
		err = n.store.Close()
	}
	n.cancel()
	return err
}

// roots reads the signed root documents of a node, version 1 first.
func (n *node) roots() ([][]byte, error) { return keyring.ReadRoots(filepath.Join(n.dir, rootFolder)) }

func loadRules() (rule.Set, error) {
	kpcs, err := fs.Sub(rules.FS(), rules.KPCS)
	if err != nil {
		return rule.Set{}, err
	}
	return rule.Check(kpcs)
}

// writeFile puts a whole file in place or nothing: temporary file, sync,
// rename. It makes the folder.
func writeFile(path string, b []byte) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fault.CannotCreate("node.cannot_write", fault.File(path), fault.Because(err))
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fault.CannotCreate("node.cannot_write", fault.File(path), fault.Because(err))
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
			err = fault.IO("node.cannot_write", fault.File(path), fault.Because(err))
		}
	}()
	_, werr := f.Write(b)
	if err := errors.Join(werr, f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// certificates lists the numbers a node has issued, in order.
func (n *node) certificates(ctx context.Context) ([]string, error) {
	sheets, err := n.desk.Sheets(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, s := range sheets {
		if s.State == certificate.Spent {
			out = append(out, s.Number)
		}
	}
	slices.Sort(out)
	return out, nil
}
