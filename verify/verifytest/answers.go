package verifytest

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// Answer is one thing that package verify can say: a check's code, an outcome
// ("valid", "invalid", "cannot_tell") and the reason, which is empty for valid.
type Answer struct{ Code, Outcome, Reason string }

// Source is what package verify can say, read from its source, so that no test
// keeps a list that could fall behind.
type Source struct {
	Codes   []string // every constant of type Code, in the order of the source
	Answers []Answer // every answer of a check, sorted, each once
}

// ReadSource reads the folder of package verify. It fails on an answer that it
// cannot follow: a reason is written out where a check is added.
func ReadSource(verify fs.FS) (*Source, error) {
	names, err := fs.Glob(verify, "*.go")
	if err != nil {
		return nil, err
	}
	r := &sourceReader{files: token.NewFileSet(), codes: map[string]string{}, found: map[Answer]bool{}}
	var parsed []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		raw, err := fs.ReadFile(verify, name)
		if err != nil {
			return nil, err
		}
		f, err := parser.ParseFile(r.files, name, raw, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		r.constants(f)
		parsed = append(parsed, f)
	}
	for _, f := range parsed {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				r.function(fn)
			}
		}
	}
	if len(r.wrong) > 0 {
		return nil, fmt.Errorf("source of verify: %s", strings.Join(r.wrong, "; "))
	}
	s := &Source{Codes: r.order}
	for a := range r.found {
		s.Answers = append(s.Answers, a)
	}
	slices.SortFunc(s.Answers, func(a, b Answer) int {
		return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Outcome, b.Outcome))
	})
	return s, nil
}

type sourceReader struct {
	files *token.FileSet
	codes map[string]string // name of the constant -> its value
	order []string
	found map[Answer]bool
	wrong []string
}

var outcomes = map[string]string{"Valid": "valid", "Invalid": "invalid", "CannotTell": "cannot_tell"}

// constants collects the codes.
func (r *sourceReader) constants(f *ast.File) {
	ast.Inspect(f, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if t, ok := v.Type.(*ast.Ident); ok && t.Name == "Code" && len(v.Values) == 1 {
			value, _ := literal(v.Values[0])
			r.codes[v.Names[0].Name] = value
			r.order = append(r.order, value)
		}
		return true
	})
}

// function collects the answers of one function. Two ways are followed beside
// the direct one: unproved, which passes code and reason on with two outcomes,
// and a table of {code, reason} pairs.
func (r *sourceReader) function(fn *ast.FuncDecl) {
	ast.Inspect(fn, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			sel, ok := n.Fun.(*ast.SelectorExpr)
			if ok && (sel.Sel.Name == "add" || sel.Sel.Name == "addAsOf") && len(n.Args) >= 4 {
				r.answer(fn, n.Args[0], n.Args[1], n.Args[2])
			}
			if ok && sel.Sel.Name == "unproved" {
				r.answer(fn, n.Args[0], ast.NewIdent("Invalid"), n.Args[1])
				r.answer(fn, n.Args[0], ast.NewIdent("CannotTell"), n.Args[1])
			}
		case *ast.CompositeLit:
			if len(n.Elts) != 2 || n.Type != nil {
				return true
			}
			code, ok := n.Elts[0].(*ast.Ident)
			if reason, lit := literal(n.Elts[1]); ok && lit && r.codes[code.Name] != "" {
				r.found[Answer{r.codes[code.Name], "invalid", reason}] = true
			}
		}
		return true
	})
}

func (r *sourceReader) answer(fn *ast.FuncDecl, code, outcome, reason ast.Expr) {
	out, ok := outcome.(*ast.Ident)
	if !ok || outcomes[out.Name] == "" {
		r.fail(code, "an outcome that is not written out")
		return
	}
	text, written := literal(reason)
	switch c := code.(type) {
	case *ast.Ident:
		if value := r.codes[c.Name]; value != "" && written {
			r.found[Answer{value, outcomes[out.Name], text}] = true
			return
		}
		if fn.Name.Name == "unproved" && r.codes[c.Name] == "" {
			return // read where unproved is called
		}
	case *ast.SelectorExpr:
		if reason, ok := reason.(*ast.SelectorExpr); ok && c.Sel.Name == "code" && reason.Sel.Name == "reason" {
			return // read from the table
		}
		if c.Sel.Name == "code" && written && text == "" {
			for _, value := range r.tableCodes(fn) {
				r.found[Answer{value, outcomes[out.Name], ""}] = true
			}
			return
		}
	}
	r.fail(code, "a code or reason that is not written out")
}

// tableCodes are the codes of the {code, reason} pairs in a function.
func (r *sourceReader) tableCodes(fn *ast.FuncDecl) []string {
	var found []string
	ast.Inspect(fn, func(n ast.Node) bool {
		if c, ok := n.(*ast.CompositeLit); ok && c.Type == nil && len(c.Elts) == 2 {
			if id, ok := c.Elts[0].(*ast.Ident); ok && r.codes[id.Name] != "" {
				found = append(found, r.codes[id.Name])
			}
		}
		return true
	})
	return found
}

func (r *sourceReader) fail(at ast.Expr, what string) {
	r.wrong = append(r.wrong, fmt.Sprintf("%s: %s", r.files.Position(at.Pos()), what))
}

func literal(e ast.Expr) (string, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(l.Value)
	return s, err == nil
}
