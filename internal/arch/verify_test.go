package arch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// allowedInVerify are the packages the offline verifier is made of beside its own
// and the standard library (docs/ARCHITECTURE.md). float16 is what cbor stands on.
var allowedInVerify = []string{
	"github.com/fxamacker/cbor/v2",
	"github.com/x448/float16",
	"github.com/veraison/go-cose",
	"golang.org/x/mod/sumdb/note",
	"golang.org/x/mod/sumdb/tlog",
}

// forbiddenInVerify are packages of the standard library by which a verifier could
// reach out: a network, other programs, a database, the log of the machine.
// Everything below them in the tree of names is meant too.
var forbiddenInVerify = []string{"net", "os/exec", "os/user", "database/sql", "plugin", "log/syslog"}

// pureNames are below a forbidden name and touch nothing: addresses and escapes as
// text, which parsers of the standard library stand on.
var pureNames = []string{"net/netip", "net/url"}

// needed is one package that a build of verify needs, as go list tells.
type needed struct {
	ImportPath string
	Standard   bool
}

// judgeVerify reports what verify must not be made of.
func judgeVerify(list []needed) []string {
	var wrong []string
	for _, n := range list {
		switch {
		case n.Standard:
			for _, forbidden := range forbiddenInVerify {
				if under(n.ImportPath, forbidden) && !slices.Contains(pureNames, n.ImportPath) {
					wrong = append(wrong, "verify needs "+n.ImportPath)
				}
			}
		case under(n.ImportPath, modulePath+"/verify"), slices.Contains(allowedInVerify, n.ImportPath):
		default:
			wrong = append(wrong, "verify needs "+n.ImportPath)
		}
	}
	return wrong
}

// listVerify asks go list for everything a build of verify needs.
func listVerify(t *testing.T, environment ...string) []needed {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=ImportPath,Standard", "./verify/...")
	list.Dir = "../.."
	list.Env = append(os.Environ(), append(environment, "CGO_ENABLED=0")...)
	var stderr bytes.Buffer
	list.Stderr = &stderr
	raw, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var found []needed
	for decoder := json.NewDecoder(bytes.NewReader(raw)); ; {
		var n needed
		if err := decoder.Decode(&n); errors.Is(err, io.EOF) {
			return found
		} else if err != nil {
			t.Fatal(err)
		}
		found = append(found, n)
	}
}

func TestVerifyDependenciesCanFail(t *testing.T) {
	tests := []struct {
		path     string
		standard bool
		wrong    bool
	}{
		{"crypto/ed25519", true, false},
		{"net/url", true, false},
		{"adamas.example/verify", false, false},
		{"adamas.example/verify/statement", false, false},
		{"github.com/fxamacker/cbor/v2", false, false},
		{"golang.org/x/mod/sumdb/tlog", false, false},
		{"net", true, true},
		{"net/http", true, true},
		{"net/http/internal", true, true},
		{"os/exec", true, true},
		{"database/sql", true, true},
		{"database/sql/driver", true, true},
		{"adamas.example/internal/fault", false, true},
		{"adamas.example/verifyother", false, true},
		{"golang.org/x/mod/sumdb", false, true},
		{"github.com/fxamacker/cbor/v2/other", false, true},
		{"cel.dev/cel-go", false, true},
		{"github.com/transparency-dev/tessera", false, true},
	}
	for _, tt := range tests {
		if got := judgeVerify([]needed{{tt.path, tt.standard}}); (len(got) == 1) != tt.wrong {
			t.Errorf("%s: %q", tt.path, got)
		}
	}
}

func TestVerifyDependencies(t *testing.T) {
	for _, system := range [][]string{{"GOOS=linux", "GOARCH=amd64"}, {"GOOS=windows", "GOARCH=amd64"}, {"GOOS=js", "GOARCH=wasm"}} {
		t.Run(strings.Join(system, " "), func(t *testing.T) {
			list := listVerify(t, system...)
			if !slices.ContainsFunc(list, func(n needed) bool { return under(n.ImportPath, modulePath+"/verify") }) {
				t.Fatal("go list names no package of verify")
			}
			for _, wrong := range judgeVerify(list) {
				t.Error(wrong)
			}
		})
	}
}

// checkVerifyFiles finds, in the verifier's own source, what a build by go list
// does not show: files left out of it by a build tag, test helpers apart.
func checkVerifyFiles(t *tree) []string {
	var wrong []string
	for _, p := range t.sorted() {
		if !under(p.folder, "verify") || forTests(p.folder) {
			continue
		}
		for _, file := range p.files {
			if file.test {
				continue
			}
			_, all := file.imports()
			for _, name := range all {
				first, _, _ := strings.Cut(name, "/")
				for _, report := range judgeVerify([]needed{{name, !strings.Contains(first, ".")}}) {
					wrong = append(wrong, fmt.Sprintf("%s: %s", file.path, report))
				}
			}
		}
	}
	return wrong
}

func TestVerifyFilesCanFail(t *testing.T) {
	prove(t, checkVerifyFiles, []proof{
		{"in order", map[string]string{
			"verify/a.go":              `package verify; import _ "crypto/sha256"`,
			"verify/a_test.go":         `package verify; import _ "os/exec"`,
			"verify/verifytest/a.go":   `package verifytest; import _ "net/http"`,
			"internal/store/driver.go": `package store; import _ "database/sql"`,
		}, ""},
		{"behind a build tag", map[string]string{"verify/proof/a_plan9.go": "//go:build plan9\n\npackage proof; import _ \"net/http\""}, "verify/proof/a_plan9.go: verify needs net/http"},
		{"a module", map[string]string{"verify/a.go": `package verify; import _ "example.org/x"`}, "verify needs example.org/x"},
	})
}

func TestVerifyFiles(t *testing.T) { hold(t, checkVerifyFiles) }
