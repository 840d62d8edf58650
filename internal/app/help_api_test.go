package app

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"adamas.example/internal/app/guide"
	"adamas.example/internal/certificate/certificateweb"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/party/accesskey"
	"adamas.example/internal/period"
	"adamas.example/internal/web/hook"
)

// TestHelpForPrograms: the lines for other systems do what the help says they do, in the
// shell for which they are written.
func TestHelpForPrograms(t *testing.T) {
	for _, tool := range []string{"sh", "curl", "openssl", "base64", "od"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("ADAMAS_REQUIRE_JUDGES") == "1" {
				t.Fatal(err)
			}
			t.Skip(err)
		}
	}
	w := newWorld(t)
	w.exportOffice()
	at := w.port()
	cf := w.run("cf", at)
	p := cf.program(at, accesskey.Proposal{Roles: exportRoles})
	dir := t.TempDir()
	put := func(name string, b []byte) {
		w.must(os.WriteFile(filepath.Join(dir, name), b, 0o600))
	}
	application, err := json.Marshal(certificateweb.Example(consignment.Apply, period.DateOf(time.Now())))
	w.must(err)
	put("application.json", application)
	public, private, err := ed25519.GenerateKey(nil)
	w.must(err)
	der, err := x509.MarshalPKCS8PrivateKey(private)
	w.must(err)
	put("officer.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	body, secret := []byte("{\"type\":\"advice.received\"}\n"), []byte("thirty-two bytes of a secret\x00\xff\x01\x02")
	put("body.json", body)
	toSign := []byte("SYNTHETIC bytes to sign")
	run := func(line string) []byte {
		cmd := exec.CommandContext(t.Context(), "sh", "-c", strings.Replace(line, "curl ", "curl -sS --fail-with-body ", 1))
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "KEY="+p.key, "ADDRESS=http://"+at, "TO_SIGN="+base64.StdEncoding.EncodeToString(toSign), "ID=CF-1.3", "TIMESTAMP=1800000000", "SECRET=whsec_"+base64.StdEncoding.EncodeToString(secret))
		var errs bytes.Buffer
		cmd.Stderr = &errs
		out, err := cmd.Output()
		if err != nil {
			t.Errorf("%s: %v\n%s%s", line, err, out, errs.String())
		}
		return out
	}
	var last []byte
	for _, section := range []string{"api.ask", "api.once", "api.sign", "api.hooks"} {
		lines := guide.Commands(section)
		if len(lines) == 0 {
			t.Errorf("%s shows no line", section)
		}
		for _, line := range lines {
			last = run(line)
		}
		switch section {
		case "api.once":
			if again := run(lines[0]); !bytes.Equal(again, last) || !bytes.Contains(last, []byte(`"state":"applied"`)) {
				t.Errorf("%s\n%s", last, again)
			}
		case "api.sign":
			if sig, err := base64.StdEncoding.DecodeString(string(last)); err != nil || !ed25519.Verify(public, toSign, sig) {
				t.Errorf("%v %q", err, last)
			}
		case "api.hooks":
			if want := strings.TrimPrefix(hook.Sign(secret, "CF-1.3", time.Unix(1800000000, 0), body), "v1,"); strings.TrimSpace(string(last)) != want {
				t.Errorf("%q, want %q", last, want)
			}
		}
	}
}
