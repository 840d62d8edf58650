package arch

import (
	"fmt"
	"go/ast"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"testing"

	"adamas.example/internal/lang"
)

// catalogue is all English words with their placeholders, of the tree's folders.
func (t *tree) catalogue() (map[string][]string, error) {
	all := make(map[string][]string)
	for _, folder := range t.words {
		module, err := fs.Sub(t.fsys, folder)
		if err != nil {
			return nil, err
		}
		texts, err := lang.Placeholders(module)
		if err != nil {
			return nil, err
		}
		for key, names := range texts {
			if _, twice := all[key]; twice {
				return nil, fmt.Errorf("%s: %s stands in another folder of words too", folder, key)
			}
			all[key] = names
		}
	}
	return all, nil
}

// makers are the functions of package fault that take a key, and which argument
// it is.
var makers = map[string]int{"New": 1, "Invalid": 0, "Usage": 0, "TooLarge": 0, "NotFound": 0, "Conflict": 0, "Unproven": 0, "Forbidden": 0,
	"Limited": 0, "Busy": 0, "Unavailable": 0, "CannotCreate": 0, "IO": 0, "Corrupt": 0, "Internal": 0}

// located are placeholders that need not be given where a fault is made: callers
// add a place with fault.Locate, a parser the text, who shows it the reference.
var located = []string{"file", "record", "field", "text", "reference"}

// checkFaults asks every fault the program makes for words and a remedy, and the
// words for no argument that the fault does not bring. So that this can be seen, a
// key is written out where the fault is made, or where a function of the same
// package that makes it is called.
func checkFaults(t *tree) []string {
	words, err := t.catalogue()
	if err != nil {
		return []string{err.Error()}
	}
	var wrong []string
	for _, p := range t.sorted() {
		if forTests(p.folder) || p.folder == "internal/fault" {
			continue
		}
		r := &faultReader{tree: t, pkg: p, words: words, through: make(map[string]int), late: slices.Clone(located)}
		for before := -1; before != len(r.through); { // until no more functions are found
			before = len(r.through)
			r.eachCall(r.findThrough)
		}
		r.findLate()
		r.eachCall(r.judge)
		wrong = append(wrong, r.wrong...)
	}
	return wrong
}

// faultReader reads the faults that one package makes.
type faultReader struct {
	tree    *tree
	pkg     *pkg
	words   map[string][]string
	through map[string]int // functions of the package that pass a key on, and which argument it is
	late    []string       // arguments that a fault may get elsewhere in the package
	wrong   []string
}

// making is a call that makes a fault.
type making struct {
	call    *ast.CallExpr
	key     ast.Expr
	details []ast.Expr
}

// eachCall visits the calls of the package, with the function each stands in.
func (r *faultReader) eachCall(visit func(file *source, within *ast.FuncDecl, call *ast.CallExpr)) {
	for _, file := range r.pkg.files {
		if file.test {
			continue
		}
		for _, declared := range file.ast.Decls {
			within, _ := declared.(*ast.FuncDecl)
			ast.Inspect(declared, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok {
					visit(file, within, call)
				}
				return true
			})
		}
	}
}

// ofFault is the function of package fault that a call calls; "" for any other.
func ofFault(file *source, call *ast.CallExpr) string {
	name := importedAs(file, modulePath+"/internal/fault")
	if s, ok := call.Fun.(*ast.SelectorExpr); ok && name != "" {
		if of, ok := s.X.(*ast.Ident); ok && of.Name == name {
			return s.Sel.Name
		}
	}
	return ""
}

func (r *faultReader) makes(file *source, call *ast.CallExpr) (making, bool) {
	at, ok := makers[ofFault(file, call)]
	if !ok {
		switch f := call.Fun.(type) {
		case *ast.Ident:
			at, ok = r.through[f.Name]
		case *ast.SelectorExpr:
			at, ok = r.through[f.Sel.Name]
		}
	}
	if !ok || len(call.Args) <= at {
		return making{}, false
	}
	return making{call, call.Args[at], call.Args[at+1:]}, true
}

// parameter is which parameter of a function an expression is.
func parameter(within *ast.FuncDecl, e ast.Expr) (int, bool) {
	id, ok := e.(*ast.Ident)
	if !ok || within == nil {
		return 0, false
	}
	at := 0
	for _, field := range within.Type.Params.List {
		for _, name := range field.Names {
			if name.Name == id.Name {
				return at, true
			}
			at++
		}
	}
	return 0, false
}

func (r *faultReader) findThrough(file *source, within *ast.FuncDecl, call *ast.CallExpr) {
	if m, ok := r.makes(file, call); ok {
		if at, ok := parameter(within, m.key); ok {
			r.through[within.Name.Name] = at
		}
	}
}

// argument is the placeholder's name in a call of fault.Arg or fault.Most.
func argument(file *source, e ast.Expr) (string, bool) {
	call, ok := e.(*ast.CallExpr)
	if ok && ofFault(file, call) == "Most" {
		return "most", true
	}
	if !ok || ofFault(file, call) != "Arg" || len(call.Args) == 0 {
		return "", false
	}
	lit, ok := call.Args[0].(*ast.BasicLit)
	if !ok {
		return "", false
	}
	name, err := strconv.Unquote(lit.Value)
	return name, err == nil
}

// findLate collects the arguments that are not given to one fault alone.
func (r *faultReader) findLate() {
	own := make(map[ast.Expr]bool)
	r.eachCall(func(file *source, _ *ast.FuncDecl, call *ast.CallExpr) {
		if m, ok := r.makes(file, call); ok {
			if _, literal := m.key.(*ast.BasicLit); literal {
				for _, detail := range m.details {
					own[detail] = true
				}
			}
		}
	})
	r.eachCall(func(file *source, _ *ast.FuncDecl, call *ast.CallExpr) {
		if name, ok := argument(file, call); ok && !own[call] {
			r.late = append(r.late, name)
		}
	})
}

func (r *faultReader) judge(file *source, within *ast.FuncDecl, call *ast.CallExpr) {
	m, ok := r.makes(file, call)
	if !ok {
		return
	}
	where := r.tree.at(call.Pos())
	lit, ok := m.key.(*ast.BasicLit)
	if !ok {
		if _, passed := parameter(within, m.key); !passed {
			r.wrong = append(r.wrong, where+": the fault's key is not written out here")
		}
		return
	}
	key, _ := strconv.Unquote(lit.Value)
	given, open := m.arguments(file)
	given = append(given, r.late...)
	var missing []string
	for _, entry := range []string{"fault." + key, "fault." + key + ".remedy"} {
		names, ok := r.words[entry]
		if !ok {
			missing = append(missing, entry)
		}
		for _, name := range names {
			if !open && !slices.Contains(given, name) {
				r.wrong = append(r.wrong, fmt.Sprintf("%s: the words for %s ask for {{.%s}}, and it is not given", where, entry, name))
			}
		}
	}
	if len(missing) > 0 {
		r.wrong = append(r.wrong, where+": no words for "+strings.Join(missing, " and "))
	}
}

// arguments lists the names a fault is made with; open when more may come from
// what is not written out in the call.
func (m making) arguments(file *source) (given []string, open bool) {
	open = m.call.Ellipsis.IsValid()
	for _, detail := range m.details {
		name, ok := argument(file, detail)
		call, isCall := detail.(*ast.CallExpr)
		switch {
		case ok:
			given = append(given, name)
		case !isCall || ofFault(file, call) == "" || ofFault(file, call) == "Arg":
			open = true
		}
	}
	return given, open
}

func TestFaultsCanFail(t *testing.T) {
	program := func(call string, lines ...string) map[string]string {
		files := wordsOf("internal/party", lines...)
		files["internal/party/a.go"] = "package party\nimport \"adamas.example/internal/fault\"\nvar err = " + call
		return files
	}
	both := []string{"fault.party.gone={{.who}}", "fault.party.gone.remedy=y"}
	twice := wordsOf("internal/party", both...)
	for name, text := range wordsOf("internal/mine", both[0]) {
		twice[name] = text
	}
	prove(t, checkFaults, []proof{
		{"in order", program(`fault.NotFound("party.gone", fault.Arg("who", 1), fault.At("x"))`, both...), ""},
		{"given on the way", program(`fault.NotFound("party.gone", details...)`, both...), ""},
		{"located", program(`fault.NotFound("party.gone")`, "fault.party.gone={{.file}} {{.record}}", "fault.party.gone.remedy=y"), ""},
		{"of a chosen kind", program(`fault.New(kind, "party.gone", fault.Arg("who", 1))`, both...), ""},
		{"another package of that name", map[string]string{"internal/party/a.go": "package party\nimport \"x.example/fault\"\nvar err = fault.Invalid(\"a.b\")"}, ""},
		{"through a function", program("wrong(`party.gone`, fault.Arg(`who`, 1))\nfunc wrong(what string, details ...fault.Detail) error { return bad(1, what, details...) }\n"+
			"func bad(n int, key string, details ...fault.Detail) error { return fault.Invalid(key, details...) }", both...), ""},
		{"given by another function", program("add(fault.NotFound(`party.gone`))\nfunc add(err error) error { return fault.Locate(err, fault.Arg(`who`, 1)) }", both...), ""},
		{"through a function, no words", program("x.wrong(`party.here`)\nfunc (x t) wrong(what string) error { return fault.Invalid(what) }", both...), "internal/party/a.go:3: no words for fault.party.here and"},
		{"through a function, a key of a variable", program("wrong(key)\nfunc wrong(what string) error { return fault.Invalid(what) }", both...), "internal/party/a.go:3: the fault's key is not written out"},
		{"no words", program(`fault.Invalid("party.here", fault.Arg("who", 1))`, "fault.party.here.remedy=y"), "internal/party/a.go:3: no words for fault.party.here"},
		{"nothing at all", program(`fault.Invalid("party.here")`), "no words for fault.party.here and fault.party.here.remedy"},
		{"no remedy", program(`fault.Invalid("party.gone", fault.Arg("who", 1))`, both[0]), "no words for fault.party.gone.remedy"},
		{"an argument", program(`fault.Invalid("party.gone", fault.Arg("what", 1))`, both...), "ask for {{.who}}, and it is not given"},
		{"a limit", program(`fault.TooLarge("party.gone", fault.Most(1))`, both...), "ask for {{.who}}, and it is not given"},
		{"a limit in order", program(`fault.TooLarge("party.gone", fault.Most(1))`, "fault.party.gone={{.most}}", both[1]), ""},
		{"a key of a variable", program(`fault.Invalid(key, fault.Arg("who", 1))`, both...), "not written out"},
		{"of a chosen kind, no words", program(`fault.New(kind, "party.here")`, "fault.party.here.remedy=y"), "no words for fault.party.here"},
		{"words twice", twice, "stands in another folder"},
	})
}

func TestFaults(t *testing.T) { hold(t, checkFaults) }
