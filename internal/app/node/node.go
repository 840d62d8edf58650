// Package node is a node's folder: its configuration, and how what lies in it is
// opened in the order in which it depends on each other.
//
//	node.toml   Config          policy.txt  who witnesses its log
//	keys/       its key ring    trust/      root documents
//	adamas.db   its database    log/        its log's public files
//
// Two things open a node: what runs it (Open), and what puts it right again while
// its log is closed (OpenClosed).
package node

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"adamas.example/internal/app/caller"
	"adamas.example/internal/certificate"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/keyring"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/peer"
	"adamas.example/internal/module"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
	"adamas.example/rules"
)

// Config is node.toml: what a node is. Its comments are the manual.
type Config struct {
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
	// Policy, LogFolder and LogKey are other than their defaults after a log was
	// closed: "adamas recover --close-to" writes them.
	Policy    string `toml:"policy,omitempty"`     // policy.txt
	LogFolder string `toml:"log_folder,omitempty"` // log
	LogKey    string `toml:"log_key,omitempty"`    // log
	// Poll is how often the logs of others are looked at, in seconds; 0 means 60.
	Poll int `toml:"follow_every_s,omitempty"`
	// URL is the address by which the office is known outside, when it stands behind
	// a reverse proxy: "https://kp.cf.example". Links and passkeys bear it.
	URL string `toml:"url,omitempty"`
	// Listen, HTTPS and Hosts are where the node is served when the command line does not
	// say: addresses to listen on, and the names under which devices open it by https.
	Listen string   `toml:"listen,omitempty"`
	HTTPS  string   `toml:"https,omitempty"`
	Hosts  []string `toml:"https_hosts,omitempty"`
	// BackupTo is a folder into which a served node writes backups of its database, best
	// on another disk; BackupEvery is how often, in hours, 0 means 24; BackupKeep how
	// many are kept, 0 means 14.
	BackupTo    string `toml:"backup_to,omitempty"`
	BackupEvery int    `toml:"backup_every_h,omitempty"`
	BackupKeep  int    `toml:"backup_keep,omitempty"`
	// HookNetworks are networks besides the public ones into which messages to programs
	// may go (webhooks): ["10.1.0.0/16"]. Addresses of this computer and of private
	// networks are closed otherwise, so that nobody has the node ask its neighbours.
	HookNetworks []string `toml:"hook_networks,omitempty"`
	// Peers are the offices of others with which this one exchanges messages, and
	// the logs that it follows:
	//
	//	[[peer]]
	//	office = "AE/dubai"
	//	exchange = "https://kp.ae.example/exchange"
	//	mail = "kp@dubai.ae.example"
	//	language = "en"
	//	[[peer.log]]
	//	origin = "ae.kp.example/2026"
	//	from = ["https://kp.ae.example/log", "/media/stick/ae-log"]
	Peers peer.Peers `toml:"peer,omitempty"`
}

// PollEvery is how often the logs of others are looked at.
func (c Config) PollEvery() time.Duration { return time.Duration(cmp.Or(c.Poll, 60)) * time.Second }

// Backups are how often a served node backs up its database, and how many are kept.
func (c Config) Backups() (every time.Duration, keep int) {
	return time.Duration(cmp.Or(c.BackupEvery, 24)) * time.Hour, cmp.Or(c.BackupKeep, 14)
}

// Networks are HookNetworks. Fault node.hook_networks.
func (c Config) Networks() (out []netip.Prefix, err error) {
	for _, s := range c.HookNetworks {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, fault.Invalid("node.hook_networks", fault.At("hook_networks"), fault.Text(s), fault.Because(err))
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

// PolicyPath is the file of the policy of the node's log.
func (c Config) PolicyPath(dir string) string {
	return filepath.Join(dir, cmp.Or(c.Policy, PolicyFile))
}

// LogDir is the folder of its log.
func (c Config) LogDir(dir string) string {
	return filepath.Join(dir, cmp.Or(c.LogFolder, LogFolder))
}

// LogKeyName is the name of its log's key in the ring.
func (c Config) LogKeyName() string { return cmp.Or(c.LogKey, LogKey) }

// Names in a node's folder.
const (
	ConfigFile = "node.toml"
	PolicyFile = "policy.txt" // C2SP tlog-policy with the witnesses' URLs
	KeysFolder = "keys"
	LogFolder  = "log"
	RootFolder = "trust" // root-1.cbor, root-2.cbor, ...
)

// Names of a node's keys in its ring.
const (
	LogKey    = "log"
	OfficeKey = "office"
	// MessageKey is the usual name of the key that opens messages; any key in the
	// ring that is for messages opens them.
	MessageKey = "message"
)

// ReadConfig reads a node's configuration and reports everything that is wrong in
// it. Faults: node.no_config, node.bad_config, node.unknown_setting,
// node.station_elsewhere, node.interval, node.poll, node.backups, node.hook_networks, and those of
// ident, caller and peer.Peers.
func ReadConfig(dir string) (Config, error) {
	path := filepath.Join(dir, ConfigFile)
	var c Config
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
	if c.Poll < 0 || c.Poll > 86400 {
		faults.Add(fault.Invalid("node.poll", fault.File(path), fault.At("follow_every_s")))
	}
	if c.BackupEvery < 0 || c.BackupEvery > 24*31 || c.BackupKeep < 0 || c.BackupKeep > 1000 {
		faults.Add(fault.Invalid("node.backups", fault.File(path), fault.At("backup_every_h")))
	}
	if _, err := c.Networks(); err != nil {
		faults.Add(fault.Locate(err, fault.File(path)))
	}
	if _, err := caller.ParseURL(c.URL); err != nil {
		faults.Add(fault.Locate(err, fault.File(path)))
	}
	faults.Add(fault.Locate(c.Peers.Check(), fault.File(path)))
	return c, faults.Err()
}

// WriteConfig replaces a node's configuration in one stroke.
func WriteConfig(dir string, c Config) error {
	var b strings.Builder
	if err := toml.NewEncoder(&b).Encode(c); err != nil {
		return err
	}
	return WriteFile(filepath.Join(dir, ConfigFile), []byte(b.String()))
}

// Schemas are the tables of all modules of the program.
type Schemas []store.Schema

// Node is an open node. Log, Ledger, Desk and Rules are nil when it was opened
// closed.
type Node struct {
	Dir    string
	Config Config
	Ring   *keyring.Ring
	Office *keyring.Signer
	Store  *store.Store
	Log    *ledger.Log
	Ledger *ledger.Ledger
	Desk   *certificate.Service
	Rules  rule.Set
	// Origins are the addresses under which it is served, set by who serves it.
	Origins []string
	now     func() time.Time
	life    context.Context // of what is open; ended by cancel
	cancel  context.CancelFunc
}

// Open opens everything a node has, in the order in which it depends on
// each other; on an error what was opened is closed again.
func Open(env *module.Env, dir string, schemas Schemas) (_ *Node, err error) {
	n, err := OpenClosed(env, dir, schemas)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			n.Close()
		}
	}()
	if n.Rules, err = loadRules(); err != nil {
		return nil, err
	}
	if n.Office, err = n.Ring.Signer(n.life, OfficeKey, keyring.Office); err != nil {
		return nil, err
	}
	if err = n.OpenLedger(env); err != nil {
		return nil, err
	}
	n.now = env.Now
	cfg, err := n.registers(certificate.Config{Ledger: n.Ledger, Rules: n.Rules, Office: n.Config.Office, Station: n.Config.Station,
		Signer: n.Office, Now: env.Now, Entropy: rand.Reader, Synthetic: n.Config.Synthetic})
	if err != nil {
		return nil, err
	}
	n.Desk = certificate.New(cfg)
	if _, err = n.Desk.TakeFound(n.life); err != nil {
		return nil, err
	}
	if err = n.takeAllotted(); err != nil {
		return nil, err
	}
	_, err = n.Desk.Resume(n.life)
	return n, err
}

// takeAllotted enters the number ranges that stand in the log for this station. Where no
// root document says who may allot them, none is.
func (n *Node) takeAllotted() error {
	directory, err := n.directory(n.life)
	if fault.Is(err, "keyring.root_missing") || fault.Is(err, "node.roots_refused") {
		return nil
	}
	if err == nil {
		_, err = n.Desk.TakeAllotted(n.life, directory)
	}
	return err
}

// OpenClosed opens a node's keys and database and leaves its log alone, as
// recovery needs it. It makes a database where there is none.
func OpenClosed(env *module.Env, dir string, schemas Schemas) (_ *Node, err error) {
	n := &Node{Dir: dir}
	if n.Config, err = ReadConfig(dir); err != nil {
		return nil, err
	}
	n.life, n.cancel = context.WithCancel(context.WithoutCancel(env.Context))
	defer func() {
		if err != nil {
			n.Close()
		}
	}()
	keys := filepath.Join(dir, KeysFolder)
	if n.Ring, err = keyring.Unlock(keys, env.PassphraseOf(keys, "")); err != nil {
		return nil, err
	}
	sc, err := store.ConfigFor(n.Config.Database, dir)
	if err != nil {
		return nil, err
	}
	if n.Store, err = store.Open(n.life, sc); err != nil {
		return nil, err
	}
	return n, n.Store.Migrate(n.life, env.Now(), schemas)
}

// ReadPolicy reads the policy text of a node's log.
func ReadPolicy(dir string, c Config) (string, error) {
	path := c.PolicyPath(dir)
	_, text, err := module.ReadPolicy("policy", path)
	if fault.KindOf(err) == fault.KindNotFound {
		return "", fault.NotFound("node.no_policy", fault.File(path), fault.Because(err))
	}
	return text, err
}

// LogConfig is where the node's log is, and who signs and witnesses it.
func (n *Node) LogConfig() (ledger.LogConfig, error) {
	policy, err := ReadPolicy(n.Dir, n.Config)
	if err != nil {
		return ledger.LogConfig{}, err
	}
	key, err := n.Ring.Signer(n.life, n.Config.LogKeyName(), keyring.Log)
	if err != nil {
		return ledger.LogConfig{}, err
	}
	signer, err := keyring.NoteSigner(n.life, key, n.Config.Origin)
	return ledger.LogConfig{Dir: n.Config.LogDir(n.Dir), Signer: signer, Policy: policy,
		Interval: time.Duration(n.Config.Interval) * time.Millisecond}, err
}

// OpenLedger opens the log and the ledger on it.
func (n *Node) OpenLedger(env *module.Env) error {
	lc, err := n.LogConfig()
	if err != nil {
		return err
	}
	if n.Log, err = ledger.OpenLog(n.life, lc); err != nil {
		return err
	}
	n.Ledger, err = ledger.Open(n.life, ledger.Config{Store: n.Store, Log: n.Log, Now: env.Now,
		Clock: ledger.UsualClock(), Slog: env.Logger()})
	return err
}

// CloseLedger closes the ledger and its log, and leaves the rest open.
func (n *Node) CloseLedger() {
	if n.Ledger != nil {
		n.Ledger.Close()
	}
	if n.Log != nil {
		n.Log.Close()
	}
	n.Ledger, n.Log = nil, nil
}

// Close closes what is open, last first.
func (n *Node) Close() error {
	var err error
	n.CloseLedger()
	if n.Store != nil {
		err = n.Store.Close()
	}
	n.cancel()
	return err
}

// Roots reads the signed root documents of a node, version 1 first.
func (n *Node) Roots() ([][]byte, error) { return keyring.ReadRoots(filepath.Join(n.Dir, RootFolder)) }

func loadRules() (rule.Set, error) {
	kpcs, err := fs.Sub(rules.FS(), rules.KPCS)
	if err != nil {
		return rule.Set{}, err
	}
	return rule.Check(kpcs)
}

// WriteFile puts a whole file in place or nothing: temporary file, sync,
// rename. It makes the folder.
func WriteFile(path string, b []byte) (err error) {
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

// Certificates lists the numbers a node has issued, in order.
func (n *Node) Certificates(ctx context.Context) ([]string, error) {
	sheets, err := n.Desk.Sheets(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, s := range sheets {
		if !s.Entry.IsZero() {
			out = append(out, s.Number)
		}
	}
	slices.Sort(out)
	return out, nil
}
