package arch

import (
	"fmt"
	"go/ast"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// threatsFile lists what somebody might try, and the tests that play it.
const threatsFile = "docs/THREATS.md"

// namedTest is how a test stands there: package, name, and after a slash the case.
var namedTest = regexp.MustCompile("`([a-z0-9/]+) (Test[A-Za-z0-9]+)(?:/([^`]+))?`")

// checkThreats wants every test that the list of threats names to exist, with its
// case, and every row to name one or to say that there is none.
func checkThreats(t *tree) []string {
	raw, err := fs.ReadFile(t.fsys, threatsFile)
	if err != nil {
		return []string{err.Error()}
	}
	var wrong []string
	for row := range strings.Lines(string(raw)) {
		if strings.HasPrefix(row, "| **") && !namedTest.MatchString(row) && !strings.Contains(row, "| – |") {
			name, _, _ := strings.Cut(strings.TrimPrefix(row, "| **"), "**")
			wrong = append(wrong, fmt.Sprintf("%s: %s: no test plays it, and the row does not say so", threatsFile, name))
		}
	}
	for _, m := range namedTest.FindAllStringSubmatch(string(raw), -1) {
		switch p := t.packages[m[1]]; {
		case p == nil || !p.hasTest(m[2]):
			wrong = append(wrong, fmt.Sprintf("%s: %s has no %s", threatsFile, m[1], m[2]))
		case m[3] != "" && !t.hasCase(m[1], m[3]):
			wrong = append(wrong, fmt.Sprintf("%s: %s: nothing is called %q", threatsFile, m[1], m[3]))
		}
	}
	return wrong
}

func (p *pkg) hasTest(name string) bool {
	return slices.ContainsFunc(p.files, func(f *source) bool {
		return f.test && slices.ContainsFunc(f.ast.Decls, func(d ast.Decl) bool {
			fn, ok := d.(*ast.FuncDecl)
			return ok && fn.Recv == nil && fn.Name.Name == name
		})
	})
}

// shared are the packages whose scenes the tests of others run.
var shared = map[string]string{"verify": "verify/verifytest/cases"}

// hasCase looks for a case by its name: a string in the package's tests or in the
// scenes that they run, or a file of its test data.
func (t *tree) hasCase(folder, name string) bool {
	for _, where := range []string{folder, shared[folder]} {
		p := t.packages[where]
		if p == nil {
			continue
		}
		for _, f := range p.files {
			if !f.test && where == folder {
				continue
			}
			found := false
			ast.Inspect(f.ast, func(n ast.Node) bool {
				l, ok := n.(*ast.BasicLit)
				found = found || ok && strings.Trim(l.Value, "\"`") == name
				return !found
			})
			if found {
				return true
			}
		}
	}
	found := false
	_ = fs.WalkDir(t.fsys, folder+"/testdata", func(file string, entry fs.DirEntry, err error) error {
		found = found || err == nil && !entry.IsDir() && strings.TrimSuffix(path.Base(file), path.Ext(file)) == name
		return nil
	})
	return found
}

func TestThreatsCanFail(t *testing.T) {
	listed := func(cell string, more ...string) map[string]string {
		files := map[string]string{threatsFile: "| **Theft** | locks | " + cell + " |\n"}
		for i := 0; i+1 < len(more); i += 2 {
			files[more[i]] = more[i+1]
		}
		return files
	}
	const test = "verify/a_test.go"
	prove(t, checkThreats, []proof{
		{"in order", listed("`verify TestTheft`", test, "package verify\nfunc TestTheft() {}"), ""},
		{"a case in order", listed("`verify TestTheft/at night`", test, "package verify\nfunc TestTheft() { _ = \"at night\" }"), ""},
		{"a case among the scenes", listed("`verify TestTheft/at night`", test, "package verify\nfunc TestTheft() {}",
			"verify/verifytest/cases/a.go", "package cases\nvar _ = \"at night\""), ""},
		{"a case by its file", listed("`verify TestTheft/night`", test, "package verify\nfunc TestTheft() {}", "verify/testdata/x/night.toml", ""), ""},
		{"none, and it says so", listed("–"), ""},
		{"none", listed("soon"), "Theft: no test plays it"},
		{"no such test", listed("`verify TestTheft`", test, "package verify\nfunc TestThefts() {}"), "verify has no TestTheft"},
		{"not a test's file", listed("`verify TestTheft`", "verify/a.go", "package verify\nfunc TestTheft() {}"), "verify has no TestTheft"},
		{"no such package", listed("`verify/lock TestTheft`", test, "package verify\nfunc TestTheft() {}"), "verify/lock has no TestTheft"},
		{"no such case", listed("`verify TestTheft/by day`", test, "package verify\nfunc TestTheft() { _ = \"at night\" }"), `nothing is called "by day"`},
		{"no list", map[string]string{test: "package verify"}, threatsFile},
	})
}

func TestThreats(t *testing.T) { hold(t, checkThreats) }
