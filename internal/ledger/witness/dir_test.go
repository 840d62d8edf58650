package witness

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/store/durable"
)

// cosignedDir is a directory in which two logs were cosigned at size 5, closed.
func cosignedDir(t *testing.T, clk *handClock, keys ...*logSigner) string {
	t.Helper()
	dir := t.TempDir()
	w := start(t, testConfig(dir, clk, keys...))
	for _, key := range keys {
		mustCosign(t, w, newTree(key, 5).request(t, 0, 5))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func wantFault(t *testing.T, err error, key string) {
	t.Helper()
	if !fault.Is(err, key) {
		t.Errorf("got %v, want fault %s", err, key)
	}
}

// TestDirectoryTaken: a second witness on the directory is refused while the
// first is open, and not after.
func TestDirectoryTaken(t *testing.T) {
	clk := newHandClock()
	dir := t.TempDir()
	w := start(t, testConfig(dir, clk))
	_, err := New(testConfig(dir, clk))
	wantFault(t, err, "witness.directory_taken")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	start(t, testConfig(dir, clk))
}

// TestDirectoryOfAnotherKey: neither another key nor another name may go on
// where this witness left off.
func TestDirectoryOfAnotherKey(t *testing.T) {
	clk := newHandClock()
	dir := cosignedDir(t, clk, newLogSigner(t, testOrigin, 1))
	other := testConfig(dir, clk)
	other.Signer = seededKey(9)
	_, err := New(other)
	wantFault(t, err, "witness.directory_key")
	renamed := testConfig(dir, clk)
	renamed.Name = "witness.example/w2"
	_, err = New(renamed)
	wantFault(t, err, "witness.directory_key")
}

// damagedStates are files that may stand where the state of key's log was.
func damagedStates(t *testing.T, intact, theirs []byte, key *logSigner) map[string][]byte {
	forged := &state{origin: testOrigin, keys: mustKeys(t, key.vkey), time: 1, text: newTree(key, 9).text(9)}
	forged.sigs = signatureLine(t, newLogSigner(t, testOrigin, 7), forged.text)
	damages := map[string][]byte{
		"empty":                 {},
		"cut in half":           intact[:len(intact)/2],
		"last byte gone":        intact[:len(intact)-1],
		"a byte more":           append(slices.Clone(intact), '\n'),
		"of another log":        theirs,
		"signed by a stranger":  forged.encode(),
		"text without checksum": []byte("adamas witness state 1\n"),
	}
	for i := range intact {
		flipped := slices.Clone(intact)
		flipped[i] ^= 0x04
		damages[fmt.Sprintf("byte %d", i)] = flipped
	}
	return damages
}

// wantRefused starts the witness over a damaged directory: key's log is refused
// whatever it sends, for the reason given, and second's log is not.
func wantRefused(t *testing.T, dir string, clk *handClock, key, second *logSigner, reason string) {
	t.Helper()
	w, err := New(testConfig(dir, clk, key, second))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	tr := newTree(key, 9)
	for _, request := range []string{tr.request(t, 0, 5), tr.request(t, 5, 9), tr.request(t, 0, 9)} {
		if rec := post(w, request); rec.Code != http.StatusInternalServerError {
			t.Fatalf("status %d: %s", rec.Code, rec.Body)
		}
	}
	if rec := get(w, "/"+OriginHash(testOrigin)+"/checkpoint"); rec.Code != http.StatusInternalServerError {
		t.Errorf("served: %d", rec.Code)
	}
	if rec := get(w, "/"); !strings.Contains(rec.Body.String(), "REFUSED") {
		t.Errorf("the page does not say so:\n%s", rec.Body)
	}
	s := w.Status()
	if s[0].Origin != second.origin || s[0].Fault != nil {
		t.Errorf("the other log: %+v", s[0])
	}
	wantFault(t, s[1].Fault, reason)
	wantFault(t, w.ReplaceKeys(testOrigin, key.vkey), reason)
	mustCosign(t, w, newTree(second, 5).request(t, 5, 5))
}

// TestDamage changes the state file in every way a disk or a hand can: the
// log is refused, the other log is not, and nothing begins from zero.
func TestDamage(t *testing.T) {
	key, second := newLogSigner(t, testOrigin, 1), newLogSigner(t, "log.example/second", 2)
	clk := newHandClock()
	dir := cosignedDir(t, clk, key, second)
	path := filepath.Join(dir, OriginHash(testOrigin)+stateSuffix)
	intact, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := os.ReadFile(filepath.Join(dir, OriginHash(second.origin)+stateSuffix))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range damagedStates(t, intact, theirs, key) {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			wantRefused(t, dir, clk, key, second, "witness.state_damaged")
		})
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	t.Run("gone", func(t *testing.T) { wantRefused(t, dir, clk, key, second, "witness.state_missing") })
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Run("a folder in its place", func(t *testing.T) { wantRefused(t, dir, clk, key, second, "witness.state_damaged") })
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	t.Run("put back, beside what a crash left", func(t *testing.T) {
		for file, content := range map[string][]byte{path: intact, path + ".tmp": intact[:50]} {
			if err := os.WriteFile(file, content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		w := start(t, testConfig(dir, clk, key, second))
		mustCosign(t, w, newTree(key, 9).request(t, 5, 9))
	})
}

// TestRegisterDamage: without knowing which logs it has cosigned, a witness
// does not start.
func TestRegisterDamage(t *testing.T) {
	key := newLogSigner(t, testOrigin, 1)
	clk := newHandClock()
	dir := cosignedDir(t, clk, key)
	path := filepath.Join(dir, registerFile)
	intact, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	fresh := &register{vkey: start(t, testConfig(t.TempDir(), clk)).VKey()}
	for name, content := range map[string][]byte{
		"gone": nil, "empty": {}, "cut": intact[:40], "without the log": fresh.encode(),
		"changed": bytes.Replace(intact, []byte("synthetic"), []byte("synthetiC"), 1),
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			if content != nil {
				if err := os.WriteFile(path, content, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			_, err := New(testConfig(dir, clk, key))
			wantFault(t, err, "witness.register_damaged")
			if name != "without the log" { // for which it is a register like any other
				_, err = New(testConfig(dir, clk))
				wantFault(t, err, "witness.register_damaged")
			}
			if err := os.WriteFile(path, intact, 0o600); err != nil {
				t.Fatal(err)
			}
		})
	}
	start(t, testConfig(dir, clk, key))
}

// TestCrashWhileRegistering: the state is written before the register, so a
// state without a line and without a cosignature is a registration to repeat.
func TestCrashWhileRegistering(t *testing.T) {
	key, other := newLogSigner(t, testOrigin, 1), newLogSigner(t, testOrigin, 2)
	clk := newHandClock()
	dir := t.TempDir()
	if err := start(t, testConfig(dir, clk)).Close(); err != nil {
		t.Fatal(err)
	}
	left := (&state{origin: testOrigin, keys: mustKeys(t, other.vkey)}).encode()
	if err := os.WriteFile(filepath.Join(dir, OriginHash(testOrigin)+stateSuffix), left, 0o600); err != nil {
		t.Fatal(err)
	}
	w := start(t, testConfig(dir, clk, key))
	mustCosign(t, w, newTree(key, 3).request(t, 0, 3))
}

// TestLogKeyChanged: a pinned key is not replaced by a configuration.
func TestLogKeyChanged(t *testing.T) {
	key, other := newLogSigner(t, testOrigin, 1), newLogSigner(t, testOrigin, 2)
	clk := newHandClock()
	dir := cosignedDir(t, clk, key)
	_, err := New(testConfig(dir, clk, other))
	wantFault(t, err, "witness.log_key_changed")

	w := start(t, testConfig(dir, clk, key))
	wantFault(t, w.AddLog(testOrigin, other.vkey), "witness.log_key_changed")
	wantFault(t, w.AddLog(testOrigin, key.vkey, other.vkey), "witness.log_key_changed")
	if err := w.AddLog(testOrigin, key.vkey); err != nil {
		t.Error(err)
	}
	if rec := post(w, newTree(other, 9).request(t, 5, 9)); rec.Code != http.StatusForbidden {
		t.Errorf("signed by the other key: %d", rec.Code)
	}
	mustCosign(t, w, newTree(key, 9).request(t, 5, 9))
}

// TestReplaceKeys walks a log from one key to the next, and tries to jump.
func TestReplaceKeys(t *testing.T) {
	before, after := newLogSigner(t, testOrigin, 1), newLogSigner(t, testOrigin, 2)
	clk := newHandClock()
	dir := cosignedDir(t, clk, before)
	w := start(t, testConfig(dir, clk, before))
	tr := newTree(before, 9)

	wantFault(t, w.ReplaceKeys(testOrigin, after.vkey), "witness.key_overlap")
	wantFault(t, w.ReplaceKeys("log.example/unknown", after.vkey), "witness.log_unknown")
	if err := w.ReplaceKeys(testOrigin, before.vkey, after.vkey); err != nil {
		t.Fatal(err)
	}
	wantFault(t, w.ReplaceKeys(testOrigin, after.vkey), "witness.key_overlap")
	mustCosign(t, w, tr.request(t, 5, 7)+signatureLine(t, after, tr.text(7)))
	if err := w.ReplaceKeys(testOrigin, after.vkey); err != nil {
		t.Fatal(err)
	}
	if rec := post(w, tr.request(t, 7, 9)); rec.Code != http.StatusForbidden {
		t.Errorf("the old key still signs: %d", rec.Code)
	}
	tr.key = after
	mustCosign(t, w, tr.request(t, 7, 9))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	w = start(t, testConfig(dir, clk, after))
	if s := w.Status()[0]; s.Size != 9 || !slices.Equal(s.VKeys, []string{after.vkey}) {
		t.Errorf("after a restart: %+v", s)
	}
	wantFault(t, w.AddLog(testOrigin, before.vkey), "witness.log_key_changed")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	wantFault(t, w.ReplaceKeys(testOrigin, after.vkey), "witness.closed")
	wantFault(t, w.AddLog(testOrigin, after.vkey), "witness.closed")
}

// TestOffTheList: a log no longer on the list is unknown, and comes back where
// it was.
func TestOffTheList(t *testing.T) {
	key := newLogSigner(t, testOrigin, 1)
	clk := newHandClock()
	dir := cosignedDir(t, clk, key)
	w := start(t, testConfig(dir, clk))
	tr := newTree(key, 9)
	if rec := post(w, tr.request(t, 5, 9)); rec.Code != http.StatusNotFound {
		t.Errorf("status %d", rec.Code)
	}
	if s := w.Status(); len(s) != 0 {
		t.Errorf("status %+v", s)
	}
	if err := w.AddLog(key.origin, key.vkey); err != nil {
		t.Fatal(err)
	}
	if rec := post(w, tr.request(t, 0, 9)); rec.Code != http.StatusConflict {
		t.Errorf("began from zero: %d", rec.Code)
	}
	mustCosign(t, w, tr.request(t, 5, 9))
}

// TestRefusedWitness holds what New never takes.
func TestRefusedWitness(t *testing.T) {
	clk := newHandClock()
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"", "a b", "a+b", "a\tb", "a\u00a0b", "a\x7fb", "a\u202eb", "a\xffb", "a\u200bb", strings.Repeat("a", 201),
	} {
		cfg := testConfig(t.TempDir(), clk)
		cfg.Name = name
		_, err := New(cfg)
		wantFault(t, err, "witness.name")
	}
	cfg := testConfig(t.TempDir(), clk)
	cfg.Signer = p256
	_, err = New(cfg)
	wantFault(t, err, "witness.signer")
	cfg.Signer = nil
	_, err = New(cfg)
	wantFault(t, err, "witness.signer")
	cfg = testConfig("", clk)
	_, err = New(cfg)
	wantFault(t, err, "witness.directory")
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = New(testConfig(file, clk))
	wantFault(t, err, "witness.directory")
	cfg = testConfig(t.TempDir(), clk)
	cfg.Now = nil
	if _, err := New(cfg); err == nil {
		t.Error("a witness without a clock")
	}
}

// TestRefusedLogs holds what AddLog never takes.
func TestRefusedLogs(t *testing.T) {
	key := newLogSigner(t, testOrigin, 1)
	w := start(t, testConfig(t.TempDir(), newHandClock(), key))
	id := key.vkey[len(key.origin)+1:][:8]
	if strings.ToUpper(id) == id {
		t.Fatalf("key id %s has no letter to write otherwise", id)
	}
	for _, tt := range []struct {
		name, origin string
		vkeys        []string
		want         string
	}{
		{"no key", "log.example/x", nil, "witness.key_count"},
		{"nonsense", "log.example/x", []string{"nonsense"}, "witness.log_key"},
		{"a witness's key type", "log.example/x", []string{w.VKey()}, "witness.log_key"},
		{"wrong key id", "log.example/x", []string{"a+00000000" + key.vkey[len(key.origin)+9:]}, "witness.log_key"},
		{"key id in capitals", "log.example/x", []string{strings.Replace(key.vkey, id, strings.ToUpper(id), 1)}, "witness.log_key"},
		{"newline in the key", "log.example/x", []string{key.vkey + "\n"}, "witness.log_key"},
		{"empty origin", "", []string{mustLogVKey(t, "x", 3)}, "witness.origin"},
		{"address as origin", "https://log.example/x", []string{mustLogVKey(t, "x", 3)}, "witness.origin"},
		{"space in the origin", "log example", []string{mustLogVKey(t, "x", 3)}, "witness.origin"},
		{"the key of another log", "log.example/x", []string{mustLogVKey(t, "x", 1)}, "witness.key_twice"},
		{"the witness's own key", "log.example/x", []string{mustLogVKey(t, "x", witnessSeed)}, "witness.key_twice"},
		{"one key under two names", "log.example/x", []string{mustLogVKey(t, "x", 3), mustLogVKey(t, "y", 3)}, "witness.key_twice"},
		{"nine keys", "log.example/x", nineKeys(t), "witness.key_count"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			wantFault(t, w.AddLog(tt.origin, tt.vkeys...), tt.want)
		})
	}
	if s := w.Status(); len(s) != 1 {
		t.Errorf("a refused log is on the list: %+v", s)
	}
}

// TestUncertainRename: when nobody can say which version is on the disk, the
// log is refused until the directory is read again.
func TestUncertainRename(t *testing.T) {
	key := newLogSigner(t, testOrigin, 1)
	clk := newHandClock()
	dir := cosignedDir(t, clk, key)
	w := start(t, testConfig(dir, clk, key))
	e := w.active[OriginHash(testOrigin)]
	err := error(durable.ErrUncertain)
	e.broken.Store(&err)
	if rec := post(w, newTree(key, 9).request(t, 5, 9)); rec.Code != http.StatusInternalServerError {
		t.Errorf("status %d", rec.Code)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	w = start(t, testConfig(dir, clk, key))
	clk.move(time.Second)
	mustCosign(t, w, newTree(key, 9).request(t, 5, 9))
}

func mustKeys(tb testing.TB, vkeys ...string) []logKey {
	tb.Helper()
	keys, err := parseKeys(vkeys)
	if err != nil {
		tb.Fatal(err)
	}
	return keys
}

func nineKeys(tb testing.TB) []string {
	tb.Helper()
	var out []string
	for seed := range byte(9) {
		out = append(out, mustLogVKey(tb, "x", seed+10))
	}
	return out
}
