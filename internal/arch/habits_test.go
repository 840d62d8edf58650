package arch

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The sizes of design.md 3: below these, test files apart.
const (
	fileLines     = 500
	functionLines = 60
	packageLines  = 2500
)

// larger are packages with a bound of their own, and why.
var larger = map[string]int{
	// Two engines behind one SQL text, with snapshot and restore between them:
	// taken apart, the parts would need the engines exported.
	"internal/store": 3500,
}

func linesAllowed(folder string) int {
	if n, ok := larger[folder]; ok {
		return n
	}
	return packageLines
}

// vague names say nothing of what a package is.
var vague = []string{"util", "utils", "common", "helper", "helpers", "type", "types", "model", "models", "misc", "shared", "base", "lib"}

// checkNames holds package names: they say what the thing is, and they are the
// folder's.
func checkNames(t *tree) []string {
	var wrong []string
	for _, p := range t.sorted() {
		for _, file := range p.files {
			name := strings.TrimSuffix(file.ast.Name.Name, "_test")
			if slices.Contains(vague, name) {
				wrong = append(wrong, fmt.Sprintf("%s: %q says nothing of what the package is", file.path, name))
			}
			if name != path.Base(p.folder) && name != "main" {
				wrong = append(wrong, fmt.Sprintf("%s: package %s in a folder of another name", file.path, name))
			}
		}
	}
	return wrong
}

// checkComments asks every package for a comment that says what it is.
func checkComments(t *tree) []string {
	var wrong []string
	for _, p := range t.sorted() {
		said := false
		for _, file := range p.files {
			if file.ast.Doc == nil {
				continue
			}
			text, name := file.ast.Doc.Text(), file.ast.Name.Name
			said = said || name == "main" && len(text) > 0 || strings.HasPrefix(text, "Package "+name+" ")
		}
		if !said {
			wrong = append(wrong, p.folder+": no package comment that begins with its name")
		}
	}
	return wrong
}

func checkSizes(t *tree) []string {
	var wrong []string
	for _, p := range t.sorted() {
		total := 0
		for _, file := range p.files {
			if file.test || ast.IsGenerated(file.ast) {
				continue
			}
			total += file.lines
			if file.lines >= fileLines {
				wrong = append(wrong, fmt.Sprintf("%s: %d lines, fewer than %d wanted", file.path, file.lines, fileLines))
			}
			for _, declared := range file.ast.Decls {
				function, ok := declared.(*ast.FuncDecl)
				if !ok {
					continue
				}
				from, to := t.files.Position(function.Pos()).Line, t.files.Position(function.End()).Line
				if lines := to - from + 1; lines >= functionLines {
					wrong = append(wrong, fmt.Sprintf("%s: %s has %d lines, fewer than %d wanted", t.at(function.Pos()), function.Name.Name, lines, functionLines))
				}
			}
		}
		if most := linesAllowed(p.folder); total >= most {
			wrong = append(wrong, fmt.Sprintf("%s: %d lines, fewer than %d wanted", p.folder, total, most))
		}
	}
	return wrong
}

// mayImportBlank holds where an import may act by being there: database drivers
// in store, anything in a command, embed everywhere.
func mayImportBlank(folder, imported string) bool {
	return imported == "embed" || strings.HasPrefix(folder, "cmd/") || folder == "internal/store" || forTests(folder)
}

// checkRegistration finds code that runs or registers by being imported.
func checkRegistration(t *tree) []string {
	var wrong []string
	for _, p := range t.sorted() {
		for _, file := range p.files {
			_, all := file.imports()
			for i, spec := range file.ast.Imports {
				if spec.Name != nil && spec.Name.Name == "_" && !file.test && !mayImportBlank(p.folder, all[i]) {
					wrong = append(wrong, fmt.Sprintf("%s: blank import of %s", t.at(spec.Pos()), all[i]))
				}
			}
			for _, declared := range file.ast.Decls {
				if f, ok := declared.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
					wrong = append(wrong, t.at(f.Pos())+": func init")
				}
			}
		}
	}
	return wrong
}

// given reports a package to which the time is given: words, the verifier, the
// nouns. Machines may ask the clock for what is no part of a record.
func given(folder string) bool {
	p, planned := placeOf(folder)
	return planned && !forTests(folder) && (p.floor == wordFloor || p.name == "verify" || p.floor == nounFloor)
}

// checkClock finds readings of the clock where the time is given.
func checkClock(t *tree) []string {
	var wrong []string
	for _, p := range t.sorted() {
		if !given(p.folder) {
			continue
		}
		for _, file := range p.files {
			if file.test {
				continue
			}
			clock := importedAs(file, "time")
			ast.Inspect(file.ast, func(n ast.Node) bool {
				s, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				of, ok := s.X.(*ast.Ident)
				if ok && clock != "" && of.Name == clock && slices.Contains([]string{"Now", "Since", "Until", "After", "Tick", "NewTimer", "NewTicker", "AfterFunc", "Sleep"}, s.Sel.Name) {
					wrong = append(wrong, fmt.Sprintf("%s: time.%s, and the time is given here", t.at(s.Pos()), s.Sel.Name))
				}
				return true
			})
		}
	}
	return wrong
}

// importedAs is the name by which a file calls an import; "" when it has it not.
// A dot import has no name to look for and is reported by checkDotImports.
func importedAs(file *source, target string) string {
	_, all := file.imports()
	for i, spec := range file.ast.Imports {
		if all[i] != target {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return path.Base(target)
	}
	return ""
}

func checkDotImports(t *tree) []string {
	var wrong []string
	for _, p := range t.sorted() {
		for _, file := range p.files {
			for _, spec := range file.ast.Imports {
				if spec.Name != nil && spec.Name.Name == "." {
					wrong = append(wrong, t.at(spec.Pos())+": dot import")
				}
			}
		}
	}
	return wrong
}

// unfinished marks are no comments for a reader.
var unfinished = regexp.MustCompile(`\b(TODO|FIXME|XXX|HACK)\b`)

// checkLeftovers finds marks of unfinished work and paths of the machine the code
// was written on.
func checkLeftovers(t *tree) []string {
	var wrong []string
	for _, p := range t.sorted() {
		if p.folder == "internal/arch" {
			continue // names them
		}
		for _, file := range p.files {
			for _, group := range file.ast.Comments {
				if mark := unfinished.FindString(group.Text()); mark != "" {
					wrong = append(wrong, fmt.Sprintf("%s: %s", t.at(group.Pos()), mark))
				}
			}
			ast.Inspect(file.ast, func(n ast.Node) bool {
				if s, ok := n.(*ast.BasicLit); ok && s.Kind == token.STRING && (strings.Contains(s.Value, "/root/") || strings.Contains(s.Value, "/home/")) {
					wrong = append(wrong, fmt.Sprintf("%s: a path of one machine: %s", t.at(s.Pos()), s.Value))
				}
				return true
			})
		}
	}
	return wrong
}

const good = "// Package store keeps.\npackage store\n"

func TestNamesCanFail(t *testing.T) {
	prove(t, checkNames, []proof{
		{"in order", map[string]string{"internal/store/a.go": good, "internal/store/a_test.go": "package store_test", "cmd/adamas/main.go": "package main"}, ""},
		{"vague", map[string]string{"internal/store/util/a.go": "package util"}, `"util" says nothing`},
		{"vague test", map[string]string{"internal/helpers/a_test.go": "package helpers_test"}, `"helpers" says nothing`},
		{"another name", map[string]string{"internal/store/a.go": "package shop"}, "package shop in a folder of another name"},
	})
}

func TestNames(t *testing.T) { hold(t, checkNames) }

func TestCommentsCanFail(t *testing.T) {
	prove(t, checkComments, []proof{
		{"in order", map[string]string{"internal/store/a.go": good, "internal/store/b.go": "package store", "cmd/adamas/main.go": "// Adamas is.\npackage main"}, ""},
		{"none", map[string]string{"internal/store/a.go": "package store"}, "internal/store: no package comment"},
		{"of something else", map[string]string{"internal/store/a.go": "// This file keeps.\npackage store"}, "internal/store: no package comment"},
		{"apart from the clause", map[string]string{"internal/store/a.go": "// Package store keeps.\n\npackage store"}, "internal/store: no package comment"},
		{"a command", map[string]string{"cmd/adamas/main.go": "package main"}, "cmd/adamas: no package comment"},
	})
}

func TestComments(t *testing.T) { hold(t, checkComments) }

func TestSizesCanFail(t *testing.T) {
	function := func(lines int) string {
		return "func f() {\n" + strings.Repeat("\tg()\n", lines-2) + "}\n"
	}
	file := func(lines int) string { return "package store\n" + strings.Repeat("var _ = 1\n", lines-1) }
	whole := make(map[string]string)
	for i := range 6 {
		whole[fmt.Sprintf("internal/rule/f%d.go", i)] = strings.Replace(file(430), "package store", "package rule", 1)
	}
	prove(t, checkSizes, []proof{
		{"in order", map[string]string{"internal/store/a.go": "package store\n" + function(functionLines-1), "internal/store/b.go": file(fileLines - 1)}, ""},
		{"long test", map[string]string{"internal/store/a_test.go": file(fileLines * 2)}, ""},
		{"generated", map[string]string{"internal/store/a.go": "// Code generated by x. DO NOT EDIT.\n\n" + file(fileLines*2)}, ""},
		{"file", map[string]string{"internal/store/a.go": file(fileLines)}, "internal/store/a.go: 500 lines"},
		{"function", map[string]string{"internal/store/a.go": "package store\n" + function(functionLines)}, "internal/store/a.go:2: f has 60 lines"},
		{"method", map[string]string{"internal/store/a.go": "package store\ntype T int\n" + strings.Replace(function(functionLines), "func f", "func (T) f", 1)}, "f has 60 lines"},
		{"package", whole, "internal/rule: 2580 lines"},
	})
}

func TestSizes(t *testing.T) { hold(t, checkSizes) }

func TestRegistrationCanFail(t *testing.T) {
	prove(t, checkRegistration, []proof{
		{"in order", map[string]string{
			"internal/store/a.go":      `package store; import _ "modernc.org/sqlite"`,
			"internal/place/a.go":      `package place; import _ "embed"`,
			"internal/place/a_test.go": `package place; import _ "image/png"`,
			"cmd/adamas/main.go":       `package main; import _ "time/tzdata"`,
			"internal/rule/a.go":       `package rule; type t int; func (t) init() {}`,
		}, ""},
		{"driver elsewhere", map[string]string{"internal/party/a.go": `package party; import _ "modernc.org/sqlite"`}, "internal/party/a.go:1: blank import of modernc.org/sqlite"},
		{"init", map[string]string{"internal/party/a.go": "package party\nfunc init() {}"}, "internal/party/a.go:2: func init"},
		{"init in a test", map[string]string{"internal/party/a_test.go": "package party\nfunc init() {}"}, "func init"},
		{"init in a command", map[string]string{"cmd/adamas/main.go": "package main\nfunc init() {}"}, "func init"},
	})
}

func TestRegistration(t *testing.T) { hold(t, checkRegistration) }

func TestClockCanFail(t *testing.T) {
	now := func(pkg string) string { return "package " + pkg + "\nimport \"time\"\nvar t = time.Now()" }
	prove(t, checkClock, []proof{
		{"in order", map[string]string{
			"internal/store/a.go":              now("store"),
			"internal/party/a_test.go":         now("party"),
			"verify/verifytest/a.go":           now("verifytest"),
			"internal/party/partyweb/a.go":     now("partyweb"),
			"internal/period/a.go":             "package period\nimport \"time\"\nvar t = time.Unix(0, 0)",
			"internal/custody/clock.go":        "package custody\ntype clock struct{}\nfunc (clock) Now() int { return 0 }\nvar t = clock{}.Now()",
			"internal/certificate/my/a.go":     "package my\nimport \"adamas.example/internal/period\"\nvar t = period.Now()",
			"internal/certificate/my/other.go": "package my\nimport clock \"time\"\nvar d clock.Duration",
		}, ""},
		{"words", map[string]string{"internal/period/a.go": now("period")}, "internal/period/a.go:3: time.Now"},
		{"verify", map[string]string{"verify/proof/a.go": now("proof")}, "verify/proof/a.go:3: time.Now"},
		{"noun", map[string]string{"internal/party/a.go": now("party")}, "internal/party/a.go:3: time.Now"},
		{"as a value", map[string]string{"internal/party/a.go": "package party\nimport \"time\"\nvar clock = time.Now"}, "time.Now"},
		{"under another name", map[string]string{"internal/party/a.go": "package party\nimport clock \"time\"\nvar t = clock.Since(u)"}, "time.Since"},
		{"waiting", map[string]string{"internal/party/a.go": "package party\nimport \"time\"\nfunc f() { time.Sleep(1) }"}, "time.Sleep"},
	})
	prove(t, checkDotImports, []proof{
		{"in order", map[string]string{"internal/party/a.go": `package party; import "time"`}, ""},
		{"dot", map[string]string{"internal/party/a.go": `package party; import . "time"`}, "dot import"},
	})
}

func TestClock(t *testing.T) {
	hold(t, checkClock)
	hold(t, checkDotImports)
}

func TestLeftoversCanFail(t *testing.T) {
	prove(t, checkLeftovers, []proof{
		{"in order", map[string]string{"internal/party/a.go": "package party\n// Nothing to do.\nvar dir = \"work/x\""}, ""},
		{"mark", map[string]string{"internal/party/a.go": "package party\n// TODO: later.\nvar x int"}, "internal/party/a.go:2: TODO"},
		{"mark inside", map[string]string{"internal/party/a_test.go": "package party\nfunc f() {\n\t// FIXME\n}"}, "FIXME"},
		{"path", map[string]string{"internal/party/a.go": "package party\nvar dir = \"/root/shared\""}, "a path of one machine"},
	})
}

func TestLeftovers(t *testing.T) { hold(t, checkLeftovers) }
