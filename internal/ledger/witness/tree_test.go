package witness

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// tree is a log in memory (SYNTHETIC entries), grown by the tests with x/mod's
// own tlog functions.
type tree struct {
	key    *logSigner
	hashes []tlog.Hash // stored hashes in tlog's order
	n      int64
}

// logSigner is a log's name and key.
type logSigner struct {
	origin  string
	private ed25519.PrivateKey
	vkey    string
	note.Verifier
}

func newLogSigner(tb testing.TB, origin string, seed byte) *logSigner {
	tb.Helper()
	private := seededKey(seed)
	vkey, err := LogVKey(origin, private.Public().(ed25519.PublicKey))
	if err != nil {
		tb.Fatal(err)
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		tb.Fatal(err)
	}
	return &logSigner{origin: origin, private: private, vkey: vkey, Verifier: verifier}
}

func seededKey(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(slices.Repeat([]byte{seed}, ed25519.SeedSize))
}

func (s *logSigner) Sign(msg []byte) ([]byte, error) { return ed25519.Sign(s.private, msg), nil }

func (s *logSigner) log() Log { return Log{Origin: s.origin, VKeys: []string{s.vkey}} }

func (s *logSigner) sign(tb testing.TB, text string) []byte {
	tb.Helper()
	signed, err := note.Sign(&note.Note{Text: text}, s)
	if err != nil {
		tb.Fatal(err)
	}
	return signed
}

func newTree(key *logSigner, leaves int) *tree {
	t := &tree{key: key}
	t.grow("SYNTHETIC leaf", leaves)
	return t
}

// grow appends leaves made from a label.
func (t *tree) grow(label string, leaves int) {
	for range leaves {
		data := fmt.Appendf(nil, "%s %d", label, t.n)
		hashes, err := tlog.StoredHashes(t.n, data, t)
		if err != nil {
			panic(err) // the reader below cannot fail on hashes of this tree
		}
		t.hashes = append(t.hashes, hashes...)
		t.n++
	}
}

// fork is a copy that grows its own way.
func (t *tree) fork() *tree {
	return &tree{key: t.key, hashes: slices.Clone(t.hashes), n: t.n}
}

func (t *tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		out[i] = t.hashes[index]
	}
	return out, nil
}

func (t *tree) root(size int64) tlog.Hash {
	root, err := tlog.TreeHash(size, t)
	if err != nil {
		panic(err)
	}
	return root
}

func (t *tree) text(size int64) string {
	return fmt.Sprintf("%s\n%d\n%s\n", t.key.origin, size, t.root(size))
}

func (t *tree) checkpoint(tb testing.TB, size int64) []byte {
	tb.Helper()
	return t.key.sign(tb, t.text(size))
}

func (t *tree) proof(old, size int64) []string {
	if old == 0 || old >= size {
		return nil
	}
	proof, err := tlog.ProveTree(size, old, t)
	if err != nil {
		panic(err)
	}
	var lines []string
	for _, h := range proof {
		lines = append(lines, h.String())
	}
	return lines
}

// request is the body of add-checkpoint from old to size.
func (t *tree) request(tb testing.TB, old, size int64) string {
	tb.Helper()
	return body(old, t.proof(old, size), t.checkpoint(tb, size))
}

func body(old int64, proof []string, signed []byte) string {
	var b strings.Builder
	fmt.Fprintf(&b, "old %d\n", old)
	for _, line := range proof {
		b.WriteString(line + "\n")
	}
	b.WriteString("\n")
	b.Write(signed)
	return b.String()
}

// handClock is a clock that moves when told.
type handClock struct {
	mu sync.Mutex
	at time.Time
}

func newHandClock() *handClock {
	return &handClock{at: time.Date(2026, 11, 23, 14, 2, 0, 0, time.UTC)}
}

func (c *handClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *handClock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

const (
	testOrigin  = "log.example/synthetic"
	testWitness = "witness.example/w1"
	witnessSeed = 200
)

func testConfig(dir string, clk *handClock, logs ...*logSigner) Config {
	cfg := Config{Dir: dir, Name: testWitness, Signer: seededKey(witnessSeed), Now: clk.now}
	for _, l := range logs {
		cfg.Logs = append(cfg.Logs, l.log())
	}
	return cfg
}

func start(tb testing.TB, cfg Config) *Witness {
	tb.Helper()
	w, err := New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := w.Close(); err != nil {
			tb.Error(err)
		}
	})
	return w
}

// otherHash is a hash of nothing.
var otherHash = base64.StdEncoding.EncodeToString(slices.Repeat([]byte{7}, tlog.HashSize))

func mustPublic(seed byte) ed25519.PublicKey {
	return seededKey(seed).Public().(ed25519.PublicKey)
}

func signatureLine(tb testing.TB, key *logSigner, text string) string {
	tb.Helper()
	return strings.TrimPrefix(string(key.sign(tb, text)), text+"\n")
}

func mustLogVKey(tb testing.TB, name string, seed byte) string {
	tb.Helper()
	vkey, err := LogVKey(name, mustPublic(seed))
	if err != nil {
		tb.Fatal(err)
	}
	return vkey
}

func repeat(line string, n int) []string {
	lines := make([]string, n)
	for i := range lines {
		lines[i] = line
	}
	return lines
}

// looseBase64 is another spelling of the same 32 bytes: the two bits of the
// last digit that mean nothing are set.
func looseBase64(hash string) string {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	last := len(hash) - 2
	at := strings.IndexByte(digits, hash[last])
	return hash[:last] + string(digits[at|1]) + "="
}
