package e2e

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"adamas.example/internal/app/guide"
	"adamas.example/internal/web/hook"
)

// TestHelpForPrograms: a programmer at a ministry has typed `make run` and pastes the lines of
// /help/api one after the other into the shell for which they are written. Each does what the
// help says, and pasted again it does nothing twice.
func TestHelpForPrograms(t *testing.T) {
	needs(t, "sh", "curl", "openssl", "base64", "od", "sed")
	dir := t.TempDir()
	s := serve(t, filepath.Join(dir, "var", "demo"))
	if err := os.Mkdir(filepath.Join(dir, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(program(t), filepath.Join(dir, "bin", "adamas")); err != nil {
		t.Fatal(err)
	}
	put := func(name string, b []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	put("officer.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	body, toSign := []byte("{\"type\":\"advice.received\"}\n"), []byte("SYNTHETIC bytes to sign")
	put("body.json", body)

	// The output of each line goes into a file of its own; what it sets stays set.
	var script strings.Builder
	script.WriteString("set -e\ncurl() { command curl -sS --fail-with-body \"$@\"; }\n")
	where := map[string]int{}
	n := 0
	for _, section := range []string{"api.demo", "api.ask", "api.once", "api.sign", "api.print", "api.hooks", "api.once", "api.print"} {
		lines := guide.Commands(section)
		if len(lines) == 0 {
			t.Errorf("%s shows no line", section)
		}
		where[section] = n
		for _, line := range lines {
			fmt.Fprintf(&script, "{ %s\n} > out.%d\n", strings.ReplaceAll(line, "http://localhost:8080", s.url), n)
			n++
		}
		if section == "api.print" {
			fmt.Fprintf(&script, "mv CF00000001.pdf print.%d\n", n)
		}
	}
	script.WriteString("printf %s \"$SECRET\" > secret\n")
	cmd := exec.CommandContext(t.Context(), "sh", "-c", script.String())
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TO_SIGN="+base64.StdEncoding.EncodeToString(toSign), "ID=CF-1.3", "TIMESTAMP=1800000000")
	if out, err := cmd.CombinedOutput(); err != nil {
		last, _ := os.ReadFile(filepath.Join(dir, fmt.Sprintf("out.%d", n-1)))
		t.Fatalf("%v\n%s\n%s\n%s", err, out, last, script.String())
	}
	read := func(name string) []byte {
		t.Helper()
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	said := func(section string, line int) []byte { return read(fmt.Sprintf("out.%d", where[section]+line)) }
	if got := said("api.ask", 0); !bytes.Contains(got, []byte(`"office":"CF/bangui"`)) {
		t.Errorf("self: %s", got)
	}
	var document struct{ OpenAPI string }
	if err := json.Unmarshal(said("api.ask", 2), &document); err != nil || document.OpenAPI != "3.1.0" {
		t.Errorf("%v %q", err, document.OpenAPI)
	}
	first, again := read("out.6"), said("api.once", 1)
	if !bytes.Equal(first, again) || !bytes.Contains(again, []byte(`"state":"applied"`)) {
		t.Errorf("applied\n%s\n%s", first, again)
	}
	if sig, err := base64.StdEncoding.DecodeString(string(said("api.sign", 1))); err != nil || !ed25519.Verify(public, toSign, sig) {
		t.Errorf("%v", err)
	}
	if one, two := read("print.11"), read(fmt.Sprintf("print.%d", n)); !bytes.HasPrefix(one, []byte("%PDF")) || !bytes.Equal(one, two) {
		t.Error("the print is not the same under the same key")
	}
	if got := said("api.print", 1); bytes.Count(got, []byte(`"program:`)) != 1 {
		t.Errorf("printed %s", got)
	}
	hooks := where["api.hooks"]
	if got := read(fmt.Sprintf("out.%d", hooks+3)); !bytes.Contains(got, []byte(`"event":"webhook.test"`)) {
		t.Errorf("deliveries: %s", got)
	}
	secret, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(string(read("secret")), "whsec_"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(read(fmt.Sprintf("out.%d", hooks+4))), strings.TrimPrefix(hook.Sign(secret, "CF-1.3", time.Unix(1800000000, 0), body), "v1,"); strings.TrimSpace(got) != want {
		t.Errorf("%q, want %q", got, want)
	}
}
