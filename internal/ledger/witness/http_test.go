package witness

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/torchwood"
	f_note "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

func post(w http.Handler, body string) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	w.ServeHTTP(rec, httptest.NewRequest(http.MethodPost, "/add-checkpoint", strings.NewReader(body)))
	return rec
}

func get(w http.Handler, path string) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	w.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
	return rec
}

func mustCosign(tb testing.TB, w http.Handler, body string) string {
	tb.Helper()
	rec := post(w, body)
	if rec.Code != http.StatusOK {
		tb.Fatalf("status %d: %s", rec.Code, rec.Body)
	}
	return rec.Body.String()
}

// TestForeignVerifiers asks three other programs' libraries about our lines and keys.
func TestForeignVerifiers(t *testing.T) {
	key := newLogSigner(t, testOrigin, 1)
	clk := newHandClock()
	w := start(t, testConfig(t.TempDir(), clk, key))
	tr := newTree(key, 7)
	signed := tr.checkpoint(t, 7)
	line := mustCosign(t, w, body(0, nil, signed))
	cosigned := append(signed, line...)

	formats, err := f_note.NewVerifierForCosignatureV1(w.VKey())
	if err != nil {
		t.Fatal(err)
	}
	wood, err := torchwood.NewCosignatureVerifier(w.VKey())
	if err != nil {
		t.Fatal(err)
	}
	if wood.String() != w.VKey() {
		t.Errorf("torchwood spells the key %s, we %s", wood, w.VKey())
	}
	if byFormats, err := f_note.VKeyToCosignatureV1(mustLogVKey(t, testWitness, witnessSeed)); err != nil || byFormats != w.VKey() {
		t.Errorf("formats spells the key %s (%v), we %s", byFormats, err, w.VKey())
	}
	for name, v := range map[string]note.Verifier{"formats": formats, "torchwood": wood} {
		n, err := note.Open(cosigned, note.VerifierList(key, v))
		if err != nil || len(n.Sigs) != 2 {
			t.Fatalf("%s: %v in %s", name, err, cosigned)
		}
		at, err := torchwood.CosignatureTimestamp(n.Sigs[1])
		if err != nil || at != clk.now().Unix() {
			t.Errorf("%s: time %d, %v", name, at, err)
		}
		other := strings.Replace(string(cosigned), "\n7\n", "\n6\n", 1)
		if _, err := note.Open([]byte(other), note.VerifierList(v)); err == nil {
			t.Errorf("%s accepts our line under another checkpoint", name)
		}
	}
	// The whole policy of torchwood: origin, log and witness.
	policy := torchwood.ThresholdPolicy(3, torchwood.OriginPolicy(testOrigin),
		torchwood.SingleVerifierPolicy(key), torchwood.SingleVerifierPolicy(wood))
	if _, _, err := torchwood.VerifyCheckpoint(cosigned, policy); err != nil {
		t.Error(err)
	}
}

// TestCosignAgain: the same checkpoint is cosigned afresh with a later time,
// and within one second nothing is written a second time.
func TestCosignAgain(t *testing.T) {
	key := newLogSigner(t, testOrigin, 1)
	clk := newHandClock()
	dir := t.TempDir()
	w := start(t, testConfig(dir, clk, key))
	tr := newTree(key, 7)
	first := mustCosign(t, w, tr.request(t, 0, 7))

	path := filepath.Join(dir, OriginHash(testOrigin)+stateSuffix)
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if again := mustCosign(t, w, tr.request(t, 7, 7)); again != first {
		t.Errorf("another line in the same second: %s, %s", first, again)
	}
	after, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if !os.SameFile(before, after) {
		t.Error("the state was written again without a change")
	}
	clk.move(10 * time.Minute)
	if later := mustCosign(t, w, tr.request(t, 7, 7)); later == first {
		t.Error("the time of the cosignature did not move")
	}
	if got := w.Status()[0].Cosigned; !got.Equal(clk.now()) {
		t.Errorf("status says %v", got)
	}
}

// TestMonitoring: the served checkpoint is the latest one with the very line
// that was answered, also after a restart, without signatures of strangers.
func TestMonitoring(t *testing.T) {
	key := newLogSigner(t, testOrigin, 1)
	stranger := newLogSigner(t, testOrigin, 2)
	clk := newHandClock()
	dir := t.TempDir()
	w := start(t, testConfig(dir, clk, key))
	tr := newTree(key, 9)
	mustCosign(t, w, tr.request(t, 0, 7))
	clk.move(time.Minute)
	line := mustCosign(t, w, tr.request(t, 7, 9)+signatureLine(t, stranger, tr.text(9)))
	want := string(tr.checkpoint(t, 9)) + line

	path := "/" + OriginHash(testOrigin) + "/checkpoint"
	if rec := get(w, path); rec.Code != 200 || rec.Body.String() != want {
		t.Errorf("%d %q, want %q", rec.Code, rec.Body, want)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if rec := get(w, path); rec.Code != 404 {
		t.Errorf("closed witness serves: %d", rec.Code)
	}
	if rec := post(w, tr.request(t, 9, 9)); rec.Code != 503 {
		t.Errorf("closed witness signs: %d", rec.Code)
	}
	clk.move(time.Hour)
	w = start(t, testConfig(dir, clk, key))
	if rec := get(w, path); rec.Code != 200 || rec.Body.String() != want {
		t.Errorf("after a restart %d %q, want %q", rec.Code, rec.Body, want)
	}
	for _, other := range []string{"/" + strings.ToUpper(OriginHash(testOrigin)) + "/checkpoint", "/x/checkpoint", "/checkpoint", "/x"} {
		if rec := get(w, other); rec.Code != 404 {
			t.Errorf("%s: %d", other, rec.Code)
		}
	}
	if rec := get(w, "/add-checkpoint"); rec.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET /add-checkpoint: %d", rec.Code)
	}
}

// TestStatusPage holds what people must be able to read on the first page.
func TestStatusPage(t *testing.T) {
	key := newLogSigner(t, testOrigin, 1)
	silent := newLogSigner(t, "log.example/silent", 4)
	w := start(t, testConfig(t.TempDir(), newHandClock(), key, silent))
	tr := newTree(key, 7)
	mustCosign(t, w, tr.request(t, 0, 7))
	rec := get(w, "/")
	for _, want := range []string{
		"Witness " + testWitness, w.VKey(), "not been changed\nor hidden since that time", "It never says that what is recorded is right",
		testOrigin, "7 entries, last cosigned 2026-11-23 14:02:00 UTC", tr.root(7).String(),
		"log.example/silent\n    nothing cosigned yet",
	} {
		if !strings.Contains(rec.Body.String(), want) {
			t.Errorf("page lacks %q:\n%s", want, rec.Body)
		}
	}
	if got := rec.Header().Get("Content-Type"); got != "text/plain; charset=utf-8" {
		t.Errorf("content type %q", got)
	}
}

// TestClockBack: behind the last cosignature nothing is signed and nothing
// persisted, over all logs and over a restart.
func TestClockBack(t *testing.T) {
	key, second := newLogSigner(t, testOrigin, 1), newLogSigner(t, "log.example/second", 2)
	clk := newHandClock()
	dir := t.TempDir()
	w := start(t, testConfig(dir, clk, key, second))
	tr, other := newTree(key, 9), newTree(second, 9)
	mustCosign(t, w, tr.request(t, 0, 7))
	mustCosign(t, w, other.request(t, 0, 7))

	clk.move(-90 * time.Second)
	refused := func(w *Witness) {
		t.Helper()
		for _, request := range []string{tr.request(t, 7, 9), tr.request(t, 7, 7), other.request(t, 7, 9)} {
			rec := post(w, request)
			if rec.Code != http.StatusServiceUnavailable || rec.Header().Get("Retry-After") != "90" {
				t.Fatalf("status %d, Retry-After %q: %s", rec.Code, rec.Header().Get("Retry-After"), rec.Body)
			}
		}
		if s := w.Status(); s[0].Size != 7 || s[1].Size != 7 {
			t.Fatalf("a refused request changed the state: %+v", s)
		}
	}
	refused(w)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	// The logs that bind the clock need not be on the list.
	w = start(t, testConfig(dir, clk))
	if err := w.AddLog(key.origin, key.vkey); err != nil {
		t.Fatal(err)
	}
	if rec := post(w, tr.request(t, 7, 9)); rec.Code != http.StatusServiceUnavailable {
		t.Fatalf("status %d", rec.Code)
	}
	if err := w.AddLog(second.origin, second.vkey); err != nil {
		t.Fatal(err)
	}
	refused(w)
	clk.move(90 * time.Second)
	mustCosign(t, w, tr.request(t, 7, 9))
}

func TestClockBeforeEpoch(t *testing.T) {
	key := newLogSigner(t, testOrigin, 1)
	clk := newHandClock()
	clk.at = time.Unix(0, 0)
	w := start(t, testConfig(t.TempDir(), clk, key))
	if rec := post(w, newTree(key, 3).request(t, 0, 3)); rec.Code != http.StatusServiceUnavailable {
		t.Errorf("status %d", rec.Code)
	}
}

// watchingSigner looks at the disk before it signs: whatever it is asked to
// sign must be there already, with the time it is signed for.
type watchingSigner struct {
	ed25519.PrivateKey
	tb     testing.TB
	path   string
	signed int
	fail   error
	forge  bool
}

func (s *watchingSigner) Sign(random io.Reader, message []byte, opts crypto.SignerOpts) ([]byte, error) {
	if s.fail != nil {
		return nil, s.fail
	}
	content, err := os.ReadFile(s.path)
	if err != nil {
		s.tb.Errorf("signing before anything is on the disk: %v", err)
	}
	onDisk, err := parseState(content)
	if err != nil {
		s.tb.Errorf("signing while the state cannot be read: %v", err)
		return nil, err
	}
	if want := fmt.Sprintf("cosignature/v1\ntime %d\n%s", onDisk.time, onDisk.text); want != string(message) {
		s.tb.Errorf("signing what is not on the disk:\n%s\non the disk:\n%s", message, want)
	}
	s.signed++
	if s.forge {
		message = append(message, 'x')
	}
	return s.PrivateKey.Sign(random, message, opts)
}

func TestPersistedBeforeSigned(t *testing.T) {
	key := newLogSigner(t, testOrigin, 1)
	clk := newHandClock()
	dir := t.TempDir()
	signer := &watchingSigner{PrivateKey: seededKey(witnessSeed), tb: t, path: filepath.Join(dir, OriginHash(testOrigin)+stateSuffix)}
	cfg := testConfig(dir, clk, key)
	cfg.Signer = signer
	w := start(t, cfg)
	tr := newTree(key, 60)
	for size := int64(0); size < 50; size += 5 {
		clk.move(time.Second)
		mustCosign(t, w, tr.request(t, size, size+5))
		clk.move(time.Second)
		mustCosign(t, w, tr.request(t, size+5, size+5))
	}
	if signed := signer.signed; signed != 20 {
		t.Errorf("%d signatures", signed)
	}

	t.Run("the signer fails", func(t *testing.T) {
		signer.fail = errors.New("SYNTHETIC: the agent is gone")
		rec := post(w, tr.request(t, 50, 55))
		if rec.Code != http.StatusInternalServerError || strings.Contains(rec.Body.String(), "agent") {
			t.Errorf("status %d: %s", rec.Code, rec.Body)
		}
		if rec := get(w, "/"+OriginHash(testOrigin)+"/checkpoint"); rec.Code != http.StatusInternalServerError {
			t.Errorf("serving without a signer: %d", rec.Code)
		}
		signer.fail = nil
		if rec := post(w, tr.request(t, 50, 55)); rec.Code != http.StatusConflict || rec.Body.String() != "55\n" {
			t.Errorf("the persisted size is not the stored one: %d %s", rec.Code, rec.Body)
		}
		mustCosign(t, w, tr.request(t, 55, 55))
	})
	t.Run("the signer signs something else", func(t *testing.T) {
		signer.forge = true
		defer func() { signer.forge = false }()
		if rec := post(w, tr.request(t, 55, 60)); rec.Code != http.StatusInternalServerError {
			t.Errorf("status %d: %s", rec.Code, rec.Body)
		}
	})
}

// TestDiskFails: without the state on the disk there is no signature and the
// state in memory stays; afterwards all goes on.
func TestDiskFails(t *testing.T) {
	key := newLogSigner(t, testOrigin, 1)
	dir := t.TempDir()
	w := start(t, testConfig(dir, newHandClock(), key))
	tr := newTree(key, 9)
	mustCosign(t, w, tr.request(t, 0, 5))
	obstacle := filepath.Join(dir, OriginHash(testOrigin)+stateSuffix+".tmp")
	if err := os.Mkdir(obstacle, 0o700); err != nil {
		t.Fatal(err)
	}
	rec := post(w, tr.request(t, 5, 9))
	if rec.Code != http.StatusInternalServerError || strings.Contains(rec.Body.String(), dir) {
		t.Errorf("status %d: %s", rec.Code, rec.Body)
	}
	if s := w.Status()[0]; s.Size != 5 || s.Fault != nil {
		t.Errorf("state %+v", s)
	}
	if err := os.Remove(obstacle); err != nil {
		t.Fatal(err)
	}
	mustCosign(t, w, tr.request(t, 5, 9))
}

// slowSigner waits in the middle of a request.
type slowSigner struct {
	ed25519.PrivateKey
	reached, goOn chan struct{}
}

func (s *slowSigner) Sign(random io.Reader, message []byte, opts crypto.SignerOpts) ([]byte, error) {
	close(s.reached)
	<-s.goOn
	return s.PrivateKey.Sign(random, message, opts)
}

// TestCloseWaits: while a cosignature is under way nobody else gets the
// directory, though Close has been called.
func TestCloseWaits(t *testing.T) {
	key := newLogSigner(t, testOrigin, 1)
	clk := newHandClock()
	signer := &slowSigner{PrivateKey: seededKey(witnessSeed), reached: make(chan struct{}), goOn: make(chan struct{})}
	cfg := testConfig(t.TempDir(), clk, key)
	cfg.Signer = signer
	w := start(t, cfg)
	answered, closed := make(chan int, 1), make(chan error, 1)
	go func() { answered <- post(w, newTree(key, 5).request(t, 0, 5)).Code }()
	<-signer.reached
	go func() { closed <- w.Close() }()
	time.Sleep(20 * time.Millisecond) // for Close to go wrong in
	if other, err := New(testConfig(cfg.Dir, clk, key)); err == nil {
		other.Close()
		t.Error("the directory was free while a cosignature was under way")
	}
	close(signer.goOn)
	if status := <-answered; status != 200 {
		t.Errorf("the request under way: %d", status)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
	start(t, testConfig(cfg.Dir, clk, key))
}

// logLines gathers what a witness logs.
type logLines struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *logLines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// TestLogged: a fork is logged whole, as the proof it may be; the key never is.
func TestLogged(t *testing.T) {
	key := newLogSigner(t, testOrigin, 1)
	good, forked := newTree(key, 5), newTree(key, 4)
	forked.grow("SYNTHETIC fork", 1)
	var lines logLines
	cfg := testConfig(t.TempDir(), newHandClock(), key)
	cfg.Logger = slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug}))
	w := start(t, cfg)
	mustCosign(t, w, good.request(t, 0, 5))
	post(w, body(5, nil, forked.checkpoint(t, 5)))
	post(w, "nonsense")
	got := lines.b.String()
	for _, want := range []string{
		"level=INFO msg=cosigned origin=" + testOrigin + " old=0 size=5",
		`level=ERROR msg="log shows another history"`,
		strings.ReplaceAll(string(forked.checkpoint(t, 5)), "\n", `\n`),
		`level=DEBUG msg="malformed request"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	for _, secret := range []string{string(seededKey(witnessSeed)), base64.StdEncoding.EncodeToString(seededKey(witnessSeed).Seed()), hex.EncodeToString(seededKey(witnessSeed).Seed())} {
		if strings.Contains(got, secret) {
			t.Error("the key is in the log")
		}
	}
}

// TestServe runs the server on a real socket until its context ends.
func TestServe(t *testing.T) {
	key := newLogSigner(t, testOrigin, 1)
	w := start(t, testConfig(t.TempDir(), newHandClock(), key))
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.Serve(ctx, ln) }()

	url := "http://" + ln.Addr().String()
	tr := newTree(key, 5)
	for range 3 {
		resp, err := http.Post(url+"/add-checkpoint", "", strings.NewReader(tr.request(t, w.Status()[0].Size, 5)))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != 200 || !strings.HasPrefix(string(answer), "— "+testWitness+" ") {
			t.Fatalf("%v %d %s", err, resp.StatusCode, answer)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if _, err := http.Get(url); err == nil {
		t.Error("still serving after the end of the context")
	}
}
