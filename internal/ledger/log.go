package ledger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"filippo.io/torchwood"
	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/api/layout"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"adamas.example/internal/fault"
	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/proof"
)

// LogConfig says where a log lives and who signs and witnesses it.
type LogConfig struct {
	Dir    string      // the static file tree, served as it is
	Signer note.Signer // its name is the log's origin
	Policy string      // C2SP tlog-policy text; each witness with its URL

	// Interval is how often a checkpoint is published while entries come in;
	// at least 100 ms, default 1 s (kinder to witnesses).
	Interval time.Duration
	// Republish is the heartbeat of an idle log: fresh cosignatures for
	// offline freshness. Default 10 minutes.
	Republish time.Duration
	// BatchSize and BatchAge bound what is integrated at once; defaults 256
	// entries, 10 ms.
	BatchSize uint
	BatchAge  time.Duration
	// WitnessTimeout bounds one round; default 5 s.
	WitnessTimeout time.Duration
	HTTP           *http.Client
}

// Log is a tlog-tiles log on a local file system.
type Log struct {
	cfg      LogConfig
	origin   string
	policy   *policy.Policy
	appender *tessera.Appender
	reader   tessera.LogReader
	gate     *gate
	stop     func()
}

// RestoringFile is beside a log's folder while a backup is being put back: until
// then nobody may open the log, lest the restored database be taken for one that
// knows everything.
func RestoringFile(logDir string) string { return filepath.Clean(logDir) + ".restoring" }

// OpenLog opens or begins the log in cfg.Dir. The policy is held to the strict
// parser and must name the signer's key as its log. Nothing is published before
// a Ledger is open on it. Fault ledger.restore_unfinished.
func OpenLog(ctx context.Context, cfg LogConfig) (*Log, error) {
	pol, err := policy.Parse(cfg.Policy)
	if err != nil {
		return nil, err
	}
	if pol.Log.Name != cfg.Signer.Name() || pol.Log.Hash != cfg.Signer.KeyHash() {
		return nil, fmt.Errorf("ledger: the policy is for log %s, the key is of %s", pol.Log.Name, cfg.Signer.Name())
	}
	cfg.defaults()
	witnesses, err := tessera.NewWitnessGroupFromPolicy([]byte(cfg.Policy))
	if err != nil {
		return nil, fmt.Errorf("ledger: witnesses: %w", err)
	}
	if _, err := os.Lstat(RestoringFile(cfg.Dir)); !errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Conflict("ledger.restore_unfinished", fault.File(cfg.Dir), fault.Because(err))
	}
	l := &Log{cfg: cfg, origin: pol.Log.Name, policy: pol, gate: newGate(cfg.HTTP)}
	gated := *cfg.HTTP
	gated.Transport, cfg.HTTP = l.gate, &gated
	driver, err := newDriver(ctx, cfg)
	if err != nil {
		return nil, err
	}
	opts := tessera.NewAppendOptions().
		WithCheckpointSigner(cfg.Signer).
		WithBatching(cfg.BatchSize, cfg.BatchAge).
		WithCheckpointInterval(cfg.Interval).
		WithCheckpointRepublishInterval(cfg.Republish).
		WithGarbageCollectionInterval(time.Minute).
		WithWitnesses(witnesses, &tessera.WitnessOptions{Timeout: cfg.WitnessTimeout})
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	begun := isBegun(cfg.Dir)
	l.appender, _, l.reader, err = tessera.NewAppender(run, driver, opts)
	if err != nil && !begun && isBegun(cfg.Dir) {
		// Tessera's driver has begun the log and wants it witnessed at once, which
		// an office without a network could not have. The second time it does not ask.
		l.appender, _, l.reader, err = tessera.NewAppender(run, driver, opts)
	}
	if err != nil {
		cancel()
		return nil, fmt.Errorf("ledger: open the log in %s: %w", cfg.Dir, err)
	}
	l.gate.size = func() int64 {
		n, err := l.Size(run)
		if err != nil {
			return 0
		}
		return n
	}
	l.stop = cancel
	return l, nil
}

// isBegun tells whether a folder holds a log, of whatever size.
func isBegun(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, ".state", "treeState"))
	return err == nil
}

func (c *LogConfig) defaults() {
	if c.Interval == 0 {
		c.Interval = time.Second
	}
	if c.Republish == 0 {
		c.Republish = 10 * time.Minute
	}
	if c.Republish < c.Interval {
		c.Republish = c.Interval
	}
	if c.BatchSize == 0 {
		c.BatchSize, c.BatchAge = 256, 10*time.Millisecond
	}
	if c.WitnessTimeout == 0 {
		c.WitnessTimeout = 5 * time.Second
	}
	if c.HTTP == nil {
		c.HTTP = &http.Client{Timeout: c.WitnessTimeout}
	}
}

// Close stops publishing. What was appended is on the disk already; a
// checkpoint that still misses witnesses is published by the next process.
func (l *Log) Close() { l.stop() }

// Origin is the log's name in its checkpoints.
func (l *Log) Origin() string { return l.origin }

// Policy is the policy under which its checkpoints count.
func (l *Log) Policy() *policy.Policy { return l.policy }

// give hands leaves over in order. What it returns waits until all are durable, or
// will not be, and gives their indexes. On an error some may be in the log all the
// same: Reconcile before trying again.
func (l *Log) give(ctx context.Context, leaves [][]byte) (places func() ([]int64, error)) {
	futures := make([]tessera.IndexFuture, len(leaves))
	for i, leaf := range leaves {
		futures[i] = l.appender.Add(ctx, tessera.NewEntry(leaf))
	}
	return func() ([]int64, error) {
		out := make([]int64, len(leaves))
		var failed error
		for i, f := range futures {
			idx, err := f()
			failed = errors.Join(failed, err)
			out[i] = int64(idx.Index)
		}
		return out, failed
	}
}

// Size is the number of durable entries, published or not.
func (l *Log) Size(ctx context.Context) (int64, error) {
	n, err := l.reader.IntegratedSize(ctx)
	return int64(n), err
}

// Leaves reads entries from up to and not including until, from the files of
// the log, whether or not a checkpoint covers them.
func (l *Log) Leaves(ctx context.Context, from, until int64) ([][]byte, error) {
	size, err := l.Size(ctx)
	if err != nil {
		return nil, err
	}
	if from < 0 || until > size {
		return nil, fmt.Errorf("ledger: entries %d to %d of a log of %d", from, until, size)
	}
	var out [][]byte
	for b := from / 256; b*256 < until; b++ {
		// A partial bundle is there in the widths in which batches ended, no others.
		raw, err := l.reader.ReadEntryBundle(ctx, uint64(b), layout.PartialTileSize(0, uint64(b), uint64(size)))
		if err != nil {
			return nil, fmt.Errorf("ledger: entries from %d: %w", b*256, err)
		}
		var bundle api.EntryBundle
		if err := bundle.UnmarshalText(raw); err != nil {
			return nil, fmt.Errorf("ledger: entries from %d: %w", b*256, err)
		}
		n := min(until-b*256, 256)
		if int64(len(bundle.Entries)) < n {
			return nil, fmt.Errorf("ledger: entries from %d: %d of %d are there", b*256, len(bundle.Entries), n)
		}
		out = append(out, bundle.Entries[max(0, from-b*256):n]...)
	}
	return out, nil
}

// Checkpoint is the last published checkpoint, empty before the first.
func (l *Log) Checkpoint(ctx context.Context) (string, error) {
	b, err := l.reader.ReadCheckpoint(ctx)
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	return string(b), err
}

// Proof proves the entry at index under the given checkpoint text.
func (l *Log) Proof(ctx context.Context, index int64, checkpoint string) (*proof.Proof, error) {
	c, err := policy.ParseCheckpoint(checkpoint)
	if err != nil {
		return nil, err
	}
	hr, err := l.hashes(ctx, c.Size)
	if err != nil {
		return nil, err
	}
	root, err := tlog.TreeHash(c.Size, hr)
	if err != nil {
		return nil, fmt.Errorf("ledger: root of %s at %d: %w", l.origin, c.Size, err)
	}
	if canonical.Hash(root) != c.Root {
		return nil, fmt.Errorf("ledger: the files of %s do not have the root of its checkpoint at %d", l.origin, c.Size)
	}
	path, err := tlog.ProveRecord(c.Size, index, hr)
	if err != nil {
		return nil, fmt.Errorf("ledger: prove entry %d of %s: %w", index, l.origin, err)
	}
	hs := make([]canonical.Hash, len(path))
	for i, h := range path {
		hs[i] = canonical.Hash(h)
	}
	return proof.New(index, hs, checkpoint)
}

// RootAt is the tree hash at a size up to Size, from the log's own files, whether
// or not a checkpoint has ever covered it.
func (l *Log) RootAt(ctx context.Context, size int64) (canonical.Hash, error) {
	if size == 0 {
		return canonical.Sum(nil), nil
	}
	hr, err := l.hashes(ctx, size)
	if err != nil {
		return canonical.Hash{}, err
	}
	h, err := tlog.TreeHash(size, hr)
	if err != nil {
		return canonical.Hash{}, fmt.Errorf("ledger: root of %s at %d: %w", l.origin, size, err)
	}
	return canonical.Hash(h), nil
}

// hashes reads the hashes of a tree of up to size entries. It takes tiles as wide
// as the log has grown: narrower ones are there for the sizes at which batches
// have ended, if at all (a log that was made anew has few).
func (l *Log) hashes(ctx context.Context, size int64) (tlog.HashReader, error) {
	now, err := l.Size(ctx)
	if err != nil {
		return nil, err
	}
	if size < 0 || size > now {
		return nil, fmt.Errorf("ledger: %s has %d entries, not %d", l.origin, now, size)
	}
	type at struct{ level, n int64 }
	read := map[at][]byte{}
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			t := tlog.TileForIndex(torchwood.TileHeight, index)
			key := at{int64(t.L), t.N}
			if read[key] == nil {
				level, n := uint64(t.L), uint64(t.N)
				data, err := l.reader.ReadTile(ctx, level, n, layout.PartialTileSize(level, n, uint64(now)))
				if err != nil {
					return nil, err
				}
				read[key] = data
			}
			if out[i], err = tlog.HashFromTile(t, read[key], index); err != nil {
				return nil, err
			}
		}
		return out, nil
	}), nil
}

// logger is where this package speaks; never of keys or private facts.
func logger(l *slog.Logger) *slog.Logger {
	if l == nil {
		return slog.New(slog.DiscardHandler)
	}
	return l
}
