package witness

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/torchwood"
	f_note "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
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

// TestAddCheckpointStatus plays each answer of tlog-witness against a witness
// that has cosigned size 5 of one log.
func TestAddCheckpointStatus(t *testing.T) {
	key := newLogSigner(t, testOrigin, 1)
	stranger := newLogSigner(t, testOrigin, 2) // another key under the log's name
	unknown := newLogSigner(t, "log.example/unknown", 3)
	good := newTree(key, 40)
	forked := newTree(key, 3)
	forked.grow("SYNTHETIC fork", 37)
	root5 := good.root(5).String()
	note8 := good.checkpoint(t, 8)
	text8 := good.text(8)

	broken := strings.Replace(string(note8), "\n8\n", "\n9\n", 1) // signature of another text

	tests := []struct {
		name string
		body string
		want int
	}{
		{"grow", good.request(t, 5, 8), 200},
		{"same size again", good.request(t, 5, 5), 200},
		{"with a signature of a stranger beside it", good.request(t, 5, 8) + signatureLine(t, stranger, text8), 200},
		{"extension line", body(5, good.proof(5, 8), key.sign(t, text8+"extension\n")), 200},

		{"empty body", "", 400},
		{"no empty line", "old 5\n" + root5 + "\n", 400},
		{"no old line", "\n\n" + string(note8), 400},
		{"other word", "Old 5\n\n" + string(note8), 400},
		{"two spaces", "old  5\n\n" + string(note8), 400},
		{"leading zero", "old 05\n\n" + string(note8), 400},
		{"plus sign", "old +5\n\n" + string(note8), 400},
		{"negative", "old -5\n\n" + string(note8), 400},
		{"hexadecimal", "old 0x5\n\n" + string(note8), 400},
		{"beyond int64", "old 9223372036854775808\n\n" + string(note8), 400},
		{"carriage return", "old 5\r\n\n" + string(note8), 400},
		{"proof line too short", body(5, []string{"AAAA"}, note8), 400},
		{"proof line of url base64", body(5, []string{strings.ReplaceAll(otherHash, "H", "_")}, note8), 400},
		{"proof line without padding", body(5, []string{strings.TrimSuffix(root5, "=") + "A"}, note8), 400},
		{"proof line with loose last bits", body(5, []string{looseBase64(root5)}, note8), 400},
		{"64 proof lines", body(5, repeat(otherHash, 64), note8), 400},
		{"old above size", good.request(t, 5, 3), 400},
		{"no signature block", body(5, good.proof(5, 8), []byte(text8)), 400},
		{"cut off at the end", strings.TrimSuffix(good.request(t, 5, 8), "\n"), 400},
		{"signature block is text", body(5, good.proof(5, 8), []byte(text8+"\nsigned, the log\n")), 400},
		{"control character", body(5, good.proof(5, 8), key.sign(t, text8+"a\tb\n")), 400},
		{"size with leading zero", body(5, good.proof(5, 8), key.sign(t, strings.Replace(text8, "\n8\n", "\n08\n", 1))), 400},
		{"size not a number", body(5, good.proof(5, 8), key.sign(t, strings.Replace(text8, "\n8\n", "\neight\n", 1))), 400},
		{"root of 31 bytes", body(5, nil, key.sign(t, testOrigin+"\n8\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\n")), 400},
		{"loose root", body(5, good.proof(5, 8), key.sign(t, fmt.Sprintf("%s\n8\n%s\n", testOrigin, looseBase64(good.root(8).String())))), 400},
		{"empty extension line", body(5, good.proof(5, 8), key.sign(t, text8+"\nx\n")), 400},

		{"unsigned by the log", body(5, good.proof(5, 8), stranger.sign(t, text8)), 403},
		{"signature does not verify", body(5, good.proof(5, 8), []byte(broken)), 403},
		{"good signature after a wrong one", body(5, good.proof(5, 8), []byte(broken+signatureLine(t, key, strings.Replace(text8, "\n8\n", "\n9\n", 1)))), 403},

		{"unknown log", newTree(unknown, 8).request(t, 0, 8), 404},
		{"unknown log under the known key", body(5, nil, key.sign(t, strings.Replace(text8, testOrigin, unknown.origin, 1))), 404},

		{"old 0", good.request(t, 0, 8), 409},
		{"old too small", good.request(t, 4, 8), 409},
		{"old too large", good.request(t, 6, 8), 409},
		{"shrink", good.request(t, 3, 4), 409},
		{"fork that says old 0", forked.request(t, 0, 8), 409},

		{"same size, other root", body(5, nil, forked.checkpoint(t, 5)), 422},
		{"larger, of the fork, with its own proof", forked.request(t, 5, 8), 422},
		{"larger, of the fork, with the log's proof", body(5, good.proof(5, 8), forked.checkpoint(t, 8)), 422},
		{"no proof", body(5, nil, note8), 422},
		{"proof of another step", body(5, good.proof(5, 9), note8), 422},
		{"one proof line too many", body(5, append(good.proof(5, 8), otherHash), note8), 422},
		{"proof for the same size", body(5, []string{otherHash}, good.checkpoint(t, 5)), 422},
		{"63 proof lines of nothing", body(5, repeat(otherHash, 63), note8), 422},

		{"body over the limit", good.request(t, 5, 8) + strings.Repeat(signatureLine(t, stranger, text8), MaxBody/100), 413},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := start(t, testConfig(t.TempDir(), newHandClock(), key))
			mustCosign(t, w, good.request(t, 0, 5))
			rec := post(w, tt.body)
			if rec.Code != tt.want {
				t.Fatalf("status %d, want %d: %s", rec.Code, tt.want, rec.Body)
			}
			switch tt.want {
			case http.StatusConflict:
				if got := rec.Result().Header["Content-Type"]; len(got) != 1 || got[0] != "text/x.tlog.size" {
					t.Errorf("content type %q", got)
				}
				if rec.Body.String() != "5\n" {
					t.Errorf("body %q", rec.Body)
				}
			case http.StatusOK:
			default:
				if s := w.Status()[0]; s.Size != 5 || s.Root != good.root(5) {
					t.Errorf("a refused request changed the state: %+v", s)
				}
			}
		})
	}
}

// TestFirstCheckpoint holds the rules for old 0 at a witness that knows nothing.
func TestFirstCheckpoint(t *testing.T) {
	key := newLogSigner(t, testOrigin, 1)
	tr := newTree(key, 9)
	empty := fmt.Sprintf("%s\n0\n%s\n", testOrigin, tlog.Hash{})
	for _, tt := range []struct {
		name, body string
		want       int
	}{
		{"first", tr.request(t, 0, 7), 200},
		{"first, of size 0", tr.request(t, 0, 0), 200},
		{"with a proof", body(0, []string{otherHash}, tr.checkpoint(t, 7)), 422},
		{"size 0 with a proof", body(0, []string{otherHash}, tr.checkpoint(t, 0)), 422},
		{"size 0 of another root", body(0, nil, key.sign(t, empty)), 422},
		{"old 3", tr.request(t, 3, 7), 409},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := start(t, testConfig(t.TempDir(), newHandClock(), key))
			if rec := get(w, "/"+OriginHash(testOrigin)+"/checkpoint"); rec.Code != 404 {
				t.Errorf("a checkpoint before the first: %d", rec.Code)
			}
			rec := post(w, tt.body)
			if rec.Code != tt.want {
				t.Fatalf("status %d, want %d: %s", rec.Code, tt.want, rec.Body)
			}
			if tt.want == 409 && rec.Body.String() != "0\n" {
				t.Errorf("body %q", rec.Body)
			}
		})
	}

	t.Run("from size 0 on", func(t *testing.T) {
		w := start(t, testConfig(t.TempDir(), newHandClock(), key))
		mustCosign(t, w, tr.request(t, 0, 0))
		mustCosign(t, w, tr.request(t, 0, 0))
		mustCosign(t, w, tr.request(t, 0, 4))
		if rec := post(w, tr.request(t, 0, 4)); rec.Code != 409 || rec.Body.String() != "4\n" {
			t.Errorf("status %d, body %q", rec.Code, rec.Body)
		}
	})
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
