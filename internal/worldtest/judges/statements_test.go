package judges

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"adamas.example/internal/worldtest/npm"
)

const vectors = "../../../verify/testdata/vectors"

// TestStatements: cbor-x with WebCrypto makes every golden vector again and
// verifies it, @auth0/cose verifies the statements.
func TestStatements(t *testing.T) {
	out, err := npm.Run(t, "judges/statements.mjs")
	if err != nil {
		t.Fatal(err)
	}
	for _, judge := range []string{"cbor-x and WebCrypto: ", "@auth0/cose: "} {
		if !strings.Contains(out, judge) {
			t.Errorf("%q says nothing: %s", judge, out)
		}
	}
}

// TestTheJudgesNotice: each judge refuses vectors with one digit changed. What
// cannot fail judges nothing.
func TestTheJudgesNotice(t *testing.T) {
	for _, c := range []struct{ script, file, from, to string }{
		{"judges/statements.mjs", "keys.json", `"key_id": "`, `"key_id": "0`},
		{"judges/statements.mjs", "statements.json", `"leaf_hash": "`, `"leaf_hash": "0`},
		{"judges/statements.mjs", "commitments.json", `"salt": "`, `"salt": "0`},
		{"judges/statements.mjs", "roots.json", `"fingerprint": "`, `"fingerprint": "0`},
		{"judges/statements.mjs", "checkpoints.json", `"satisfied": false`, `"satisfied": true`},
		{"judges/statements.mjs", "proofs.json", `index `, `index 1`},
		{"judges/statements.mjs", "bundles.json", `"approval_digest": "`, `"approval_digest": "0`},
		{"judges/statements.mjs", "packs.json", `"selection_digest": "`, `"selection_digest": "0`},
		{"judges/statements.mjs", "messages.json", `"signature": "d2`, `"signature": "d3`},
		{"judges/auth0.mjs", "statements.json", "", ""},
	} {
		dir := copyVectors(t)
		path := filepath.Join(dir, c.file)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		bent := strings.Replace(string(b), c.from, c.to, 1)
		if c.script == "judges/auth0.mjs" {
			// The last digit of the first statement: of its signature.
			i := strings.Index(bent, `"hash": "`)
			i = strings.LastIndex(bent[:i], `",`) - 1
			bent = bent[:i] + map[bool]string{true: "1", false: "0"}[bent[i] == '0'] + bent[i+1:]
		}
		if bent == string(b) {
			t.Fatalf("%s: nothing was bent", c.file)
		}
		if err := os.WriteFile(path, []byte(bent), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := npm.Run(t, c.script, dir); err == nil {
			t.Errorf("%s with a bent %s: %s", c.script, c.file, out)
		}
	}
}

func copyVectors(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	files, err := filepath.Glob(filepath.Join(vectors, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("no vectors", err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(f)), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
