package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

const modulePath = "adamas.example"

// tree is the module's files as read.
type tree struct {
	fsys     fs.FS
	files    *token.FileSet
	packages map[string]*pkg // by folder, "internal/store"
	sql      []string        // paths of .sql files
	words    []string        // folders that hold text/en.toml, fr or pt
}

type pkg struct {
	folder string
	files  []*source
}

type source struct {
	path  string
	test  bool // a _test.go file
	lines int
	ast   *ast.File
}

// skipped folders hold no source of ours.
var skipped = []string{"node_modules", "testdata", "dist", "bin", "vendor"}

func read(fsys fs.FS) (*tree, error) {
	t := &tree{fsys: fsys, files: token.NewFileSet(), packages: make(map[string]*pkg)}
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := path.Base(name)
		if entry.IsDir() {
			if name != "." && (strings.HasPrefix(base, ".") || slices.Contains(skipped, base)) {
				return fs.SkipDir
			}
			return nil
		}
		switch path.Ext(base) {
		case ".go":
			return t.readGo(name)
		case ".sql":
			t.sql = append(t.sql, name)
		case ".toml":
			if folder := path.Dir(name); path.Base(folder) == "text" && !slices.Contains(t.words, path.Dir(folder)) {
				t.words = append(t.words, path.Dir(folder))
			}
		}
		return nil
	})
	return t, err
}

func (t *tree) readGo(name string) error {
	raw, err := fs.ReadFile(t.fsys, name)
	if err != nil {
		return err
	}
	parsed, err := parser.ParseFile(t.files, name, raw, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	folder := path.Dir(name)
	if t.packages[folder] == nil {
		t.packages[folder] = &pkg{folder: folder}
	}
	p := t.packages[folder]
	p.files = append(p.files, &source{name, strings.HasSuffix(name, "_test.go"), strings.Count(string(raw), "\n"), parsed})
	return nil
}

// sorted lists the packages by folder.
func (t *tree) sorted() []*pkg {
	var list []*pkg
	for _, folder := range slices.Sorted(maps.Keys(t.packages)) {
		list = append(list, t.packages[folder])
	}
	return list
}

// at writes a position for a report.
func (t *tree) at(p token.Pos) string {
	position := t.files.Position(p)
	return fmt.Sprintf("%s:%d", position.Filename, position.Line)
}

// imports lists a file's imports inside the module as folders, and all as written.
func (s *source) imports() (inside, all []string) {
	for _, spec := range s.ast.Imports {
		name, _ := strconv.Unquote(spec.Path.Value)
		all = append(all, name)
		if rest, ok := strings.CutPrefix(name, modulePath+"/"); ok {
			inside = append(inside, rest)
		}
	}
	return inside, all
}

// forTests reports a package that exists for tests alone: worldtest, bench, e2e,
// arch, the makers of golden vectors, and those named after what they test, like
// storetest.
func forTests(folder string) bool {
	switch folder {
	case "internal/arch", "bench", "e2e", "verify/internal/vectors":
		return true
	}
	for _, outside := range []string{"bench/", "e2e/", "internal/worldtest/"} {
		if strings.HasPrefix(folder, outside) {
			return true
		}
	}
	for part := range strings.SplitSeq(folder, "/") {
		if strings.HasSuffix(part, "test") {
			return true
		}
	}
	return false
}

// here is the real tree, read once.
var here = sync.OnceValues(func() (*tree, error) { return read(os.DirFS("../..")) })

// hold runs a check on the real tree.
func hold(t *testing.T, check func(*tree) []string) {
	t.Helper()
	real, err := here()
	if err != nil {
		t.Fatal(err)
	}
	if len(real.packages) < 5 {
		t.Fatalf("only %d packages were read", len(real.packages))
	}
	for _, wrong := range check(real) {
		t.Error(wrong)
	}
}

// proof is a tree with one mistake, or, with no want, one that is in order.
type proof struct {
	name  string
	files map[string]string
	want  string // part of the only report
}

// prove shows that a check finds each mistake, and nothing else.
func prove(t *testing.T, check func(*tree) []string, proofs []proof) {
	t.Helper()
	for _, p := range proofs {
		fsys := fstest.MapFS{}
		for name, text := range p.files {
			fsys[name] = &fstest.MapFile{Data: []byte(text)}
		}
		made, err := read(fsys)
		if err != nil {
			t.Errorf("%s: %v", p.name, err)
			continue
		}
		got := check(made)
		switch {
		case p.want == "" && len(got) > 0:
			t.Errorf("%s: %q, want nothing", p.name, got)
		case p.want != "" && (len(got) != 1 || !strings.Contains(got[0], p.want)):
			t.Errorf("%s: %q, want one report with %q", p.name, got, p.want)
		}
	}
}
