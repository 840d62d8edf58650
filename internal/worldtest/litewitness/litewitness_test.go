//go:build unix

package litewitness

import (
	"crypto/ed25519"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"

	"adamas.example/verify/policy"
)

const origin = "log.example/synthetic"

// TestCosigns: the started litewitness cosigns a checkpoint of its log under
// the key and the address the helper gives, and is gone after Stop.
func TestCosigns(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	log := signer{VKey: policy.LogVKey(origin, public), private: private}
	w := Start(t, "witness.example/lw1", log.String(), origin)
	verifier, err := torchwood.NewCosignatureVerifier(w.VKey)
	if err != nil {
		t.Fatal(err)
	}
	for _, of := range []string{origin, "log.example/second"} {
		if of != origin {
			w.AddLog(t, of, log.String())
		}
		text := fmt.Sprintf("%s\n1\n%s\n", of, "ltsl8BDOdGq7WUbVhG4x7HYZCvSlhVzwKk/DjDU3Xe4=")
		signed, err := note.Sign(&note.Note{Text: text}, log)
		if err != nil {
			t.Fatal(err)
		}
		status, line := post(t, w.URL, "old 0\n\n"+string(signed))
		if status != http.StatusOK {
			t.Fatalf("%s: status %d: %s", of, status, line)
		}
		if _, err := note.Open(append(signed, line...), note.VerifierList(verifier)); err != nil {
			t.Errorf("%s: %v", of, err)
		}
	}
	w.Stop()
	w.Stop()
	if _, err := http.Get(w.URL); err == nil {
		t.Error("still answering after Stop")
	}
}

// TestGoneAfterItsTest: the process ends with the test that started it.
func TestGoneAfterItsTest(t *testing.T) {
	var url string
	t.Run("inner", func(t *testing.T) {
		url = Start(t, "witness.example/lw1", policy.LogVKey(origin, make([]byte, 32)).String(), origin).URL
	})
	if url == "" {
		t.Skip("litewitness is not to be had")
	}
	if _, err := http.Get(url); err == nil {
		t.Error("still answering after its test")
	}
}

// TestMissing: without the go command the test is skipped, or fails where
// judges are required.
func TestMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	for judges, want := range map[string]string{"": "skipped", "1": "failed"} {
		t.Setenv("ADAMAS_REQUIRE_JUDGES", judges)
		tb := &recorder{TB: t}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			Start(tb, "witness.example/lw1", "", origin)
		}()
		<-ended
		if tb.ended != want {
			t.Errorf("ADAMAS_REQUIRE_JUDGES=%q: %q, want %s", judges, tb.ended, want)
		}
	}
}

// signer signs notes under a log's key.
type signer struct {
	policy.VKey
	private ed25519.PrivateKey
}

func (s signer) Name() string                    { return s.VKey.Name }
func (s signer) KeyHash() uint32                 { return s.VKey.Hash }
func (s signer) Sign(msg []byte) ([]byte, error) { return ed25519.Sign(s.private, msg), nil }

// recorder notes how Start ends a test instead of ending it; the goroutine
// ends as it would.
type recorder struct {
	testing.TB
	ended string
}

func (r *recorder) Fatalf(string, ...any) { r.end("failed") }
func (r *recorder) Skipf(string, ...any)  { r.end("skipped") }
func (r *recorder) end(how string) {
	r.ended = how
	runtime.Goexit()
}

func post(t *testing.T, url, body string) (int, []byte) {
	t.Helper()
	resp, err := http.Post(url+"/add-checkpoint", "", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, answer
}
