package vectors

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"adamas.example/verify/bundle"
	"adamas.example/verify/policy"
	"adamas.example/verify/proof"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

var update = flag.Bool("update", false, "write the golden vectors again")

const dir = "../../testdata/vectors"

// TestGolden makes every vector again and compares it with the file. A
// difference means that a format has changed: everything that was ever signed
// would be read otherwise.
func TestGolden(t *testing.T) {
	files := Files()
	for name, b := range files {
		path := filepath.Join(dir, name)
		if *update {
			if err := os.WriteFile(path, b, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		golden, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(golden, b) {
			at := 0
			for at < min(len(golden), len(b)) && golden[at] == b[at] {
				at++
			}
			t.Errorf("%s differs from byte %d on:\n file %q\n made %q", name, at, golden[at:min(at+80, len(golden))], b[at:min(at+80, len(b))])
		}
	}
	there, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(there) != len(files) {
		t.Errorf("%d files of vectors, want %d (%v)", len(there), len(files), err)
	}
}

// TestRefused holds that what refused.json lists is refused here, a policy in
// the line it names and with a way out.
func TestRefused(t *testing.T) {
	w := verifytest.New()
	all := append(append(refusedStatements(), PolicyFaults(w)...), refusedTexts(logs(w, verifytest.Start))...)
	for _, r := range all {
		var err error
		switch r.What {
		case "statement":
			var st *statement.Statement
			st, err = statement.Parse(r.Bytes)
			if err == nil {
				k := signerOf(st)
				v, verr := k.Key.Verifier()
				if verr != nil || st.Signed.VerifiedBy(v) {
					t.Errorf("statement with %s verifies", r.Why)
				}
				continue
			}
		case "policy":
			_, err = policy.Parse(r.Text)
			if f, ok := errors.AsType[*policy.Fault](err); ok && (f.Line != r.Line || f.Reason == "" || f.Remedy == "") {
				t.Errorf("policy with %s: %v, want line %d, reason and remedy", r.Why, f, r.Line)
			}
		case "checkpoint":
			_, err = policy.ParseCheckpoint(r.Text)
		case "proof":
			_, err = proof.Parse(r.Text)
		case "bundle":
			_, err = bundle.Parse(r.Bytes)
		default:
			t.Fatalf("%q has no test", r.What)
		}
		if err == nil {
			t.Errorf("%s with %s was accepted", r.What, r.Why)
		}
	}
}

func signerOf(st *statement.Statement) Signer {
	if es := P256("office CF/bangui"); st.Signed.KeyID == es.Key.ID() {
		return es
	}
	return Ed25519("office CF/bangui")
}
