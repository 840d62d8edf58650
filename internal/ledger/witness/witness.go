package witness

import (
	"cmp"
	"crypto"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"adamas.example/internal/fault"
	"adamas.example/internal/store/durable"
)

const (
	registerFile = "witness.register"
	lockName     = "witness.lock"
	stateSuffix  = ".state"
)

// Config is what a witness needs. Dir, Name, Signer and Now are required.
type Config struct {
	// Dir holds the lock, the register and one state file a log. It is made
	// when missing, belongs to this witness alone, and must be on a local disk.
	Dir string
	// Name of the key, a schema-less URL such as witness.example/w1; it is part
	// of the key id, so it never changes.
	Name string
	// Signer holds the Ed25519 key: an ed25519.PrivateKey, or an agent. It is
	// called with a whole message and crypto.Hash(0), one call at a time for
	// each log.
	Signer crypto.Signer
	// Now is the clock of cosignatures, in whole seconds.
	Now func() time.Time
	// Logs to watch from the start; AddLog adds more.
	Logs []Log
	// Logger gets every cosignature and refusal, and no secret; nil for none.
	Logger *slog.Logger
}

// Witness is one witness over one directory. Its methods may be called from
// many goroutines; as an http.Handler it answers the requests of the package
// comment. Close it: until then nobody else can use the directory.
type Witness struct {
	dir    string
	log    *slog.Logger
	cosign *cosigner
	clock  clock
	lock   *os.File
	mux    *http.ServeMux

	// mu is held for reading through each request, so that Close and changes
	// of the list wait for requests under way and no cosignature is made after
	// Close has given the directory free.
	mu       sync.RWMutex
	closed   bool              // under mu
	register *register         // as on the disk; under mu
	entries  map[string]*entry // every registered log, by origin; under mu
	active   map[string]*entry // those on the list, by OriginHash; under mu
}

// New opens a witness on a directory and takes its lock.
//
// A state file that is damaged or gone does not stop New: Status and the
// answers of that log tell. A register that is damaged, belongs to another key
// or is gone does, and so does a log of the configuration that cannot be added.
// Faults: witness.signer, witness.name, witness.directory,
// witness.directory_taken, witness.directory_key, witness.register_damaged, and
// those of AddLog.
func New(cfg Config) (*Witness, error) {
	if cfg.Now == nil {
		return nil, errors.New("witness: Config.Now is required")
	}
	cos, err := newCosigner(cfg.Name, cfg.Signer)
	if err != nil {
		return nil, err
	}
	w := &Witness{
		dir: cfg.Dir, log: cfg.Logger, cosign: cos, clock: clock{now: cfg.Now},
		entries: make(map[string]*entry), active: make(map[string]*entry),
	}
	if w.log == nil {
		w.log = slog.New(slog.DiscardHandler)
	}
	w.mux = w.routes()
	if w.lock, err = takeDir(cfg.Dir); err != nil {
		return nil, err
	}
	if err := w.open(cfg.Logs); err != nil {
		return nil, errors.Join(err, durable.Unlock(w.lock))
	}
	return w, nil
}

// takeDir makes the directory and takes its lock.
func takeDir(dir string) (*os.File, error) {
	unusable := func(err error) error {
		return fault.CannotCreate("witness.directory", fault.File(dir), fault.Because(err))
	}
	if dir == "" {
		return nil, unusable(errors.New("no directory named"))
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, unusable(err)
	}
	if err := durable.SyncDir(filepath.Dir(filepath.Clean(dir))); err != nil {
		return nil, unusable(err)
	}
	lock, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, unusable(err)
	}
	if err := durable.Lock(lock); err != nil {
		closed := lock.Close()
		if errors.Is(err, durable.ErrTaken) {
			return nil, fault.Busy("witness.directory_taken", fault.File(dir), fault.Because(err))
		}
		return nil, unusable(errors.Join(err, closed))
	}
	return lock, nil
}

// open reads the register and every state under it, then adds the logs of the
// configuration. All states are read, also of logs no longer on the list:
// their cosignatures bind the clock.
func (w *Witness) open(logs []Log) error {
	var err error
	if w.register, err = w.openRegister(); err != nil {
		return err
	}
	for _, origin := range w.register.origins {
		w.entries[origin] = w.openEntry(origin)
	}
	for _, l := range logs {
		if err := w.AddLog(l.Origin, l.VKeys...); err != nil {
			return err
		}
	}
	return nil
}

func (w *Witness) openRegister() (*register, error) {
	path := filepath.Join(w.dir, registerFile)
	damaged := func(err error) error {
		return fault.Corrupt("witness.register_damaged", fault.File(path), fault.Because(err))
	}
	content, err := readBounded(path, maxStateFile)
	if errors.Is(err, fs.ErrNotExist) {
		states, err := filepath.Glob(filepath.Join(w.dir, "*"+stateSuffix))
		if err != nil || len(states) > 0 {
			return nil, damaged(fmt.Errorf("gone, with %d state files beside it", len(states)))
		}
		fresh := &register{vkey: w.cosign.vkey}
		if err := replaceFile(w.dir, registerFile, fresh.encode()); err != nil {
			return nil, fault.CannotCreate("witness.directory", fault.File(w.dir), fault.Because(err))
		}
		return fresh, nil
	}
	if err != nil {
		return nil, damaged(err)
	}
	r, err := parseRegister(content)
	if err != nil {
		return nil, damaged(err)
	}
	if r.vkey != w.cosign.vkey {
		return nil, fault.Conflict("witness.directory_key", fault.File(w.dir),
			fault.Arg("vkey", r.vkey), fault.Arg("given", w.cosign.vkey))
	}
	return r, nil
}

// openEntry reads the state of a registered log. Whatever is wrong with it
// becomes the entry's fault: this log alone is refused.
func (w *Witness) openEntry(origin string) *entry {
	e := &entry{dir: w.dir, file: OriginHash(origin) + stateSuffix}
	s, err := w.readState(origin)
	if err != nil {
		w.log.Error("witness refuses to sign for a log: its state cannot be trusted",
			"origin", origin, "error", err)
		e.broken.Store(&err)
		return e
	}
	e.last.Store(s)
	w.clock.seen(s.time)
	return e
}

// readState reads the state file of an origin. Faults: witness.state_missing,
// witness.state_damaged.
func (w *Witness) readState(origin string) (*state, error) {
	path := filepath.Join(w.dir, OriginHash(origin)+stateSuffix)
	content, err := readBounded(path, maxStateFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Corrupt("witness.state_missing", fault.File(path), fault.Arg("origin", origin), fault.Because(err))
	}
	var s *state
	if err == nil {
		s, err = parseState(content)
	}
	if err == nil && s.origin != origin {
		err = fmt.Errorf("state of another log: %q", s.origin)
	}
	if err != nil {
		return nil, fault.Corrupt("witness.state_damaged", fault.File(path), fault.Arg("origin", origin), fault.Because(err))
	}
	return s, nil
}

// Close waits for requests under way, refuses all later ones with 503, and
// gives the directory free. A second Close does nothing.
func (w *Witness) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil
	}
	w.closed = true
	return durable.Unlock(w.lock)
}

// Name is the name of the witness's key.
func (w *Witness) Name() string { return w.cosign.name }

// VKey is the verifier key that logs put into their policies.
func (w *Witness) VKey() string { return w.cosign.vkey }

// LogStatus is what a witness knows of one log on its list.
type LogStatus struct {
	Origin   string
	VKeys    []string  // pinned; empty when the state is damaged
	Size     int64     // entries, 0 when never cosigned
	Root     tlog.Hash // of the latest cosigned checkpoint; zero when never cosigned
	Cosigned time.Time // of the latest cosignature, UTC; zero when never cosigned
	Fault    error     // not nil: nothing is signed for this log until a new start
}

// Status lists the logs on the list, by origin.
func (w *Witness) Status() []LogStatus {
	w.mu.RLock()
	defer w.mu.RUnlock()
	var out []LogStatus
	for origin, e := range w.entries {
		if w.active[OriginHash(origin)] == nil {
			continue
		}
		one := LogStatus{Origin: origin, Fault: e.fault()}
		if s := e.last.Load(); s != nil {
			one.VKeys = s.vkeys()
			if s.cosigned() {
				one.Size, one.Root = s.tree.N, s.tree.Hash
				one.Cosigned = time.Unix(s.time, 0).UTC()
			}
		}
		out = append(out, one)
	}
	slices.SortFunc(out, func(a, b LogStatus) int { return cmp.Compare(a.Origin, b.Origin) })
	return out
}
