// Package module says what a module brings to the program.
//
// A module is a noun's folder and one line in app/modules.go. Everything else
// about it arrives through the fields of a Module; there is no registration by
// init and no list elsewhere. A field left empty brings nothing.
//
// The struct holds what has a user today. A new kind of thing that modules bring
// becomes a field here together with the code in app that uses it, and not before.
//
// It also holds what a command is given: its Env, the Node it may open, the files
// that a person names, read and written the same way by all commands.
//
// Imports: floor 0; of the machines, any to its left.
package module

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"adamas.example/internal/access"
	"adamas.example/internal/ledger/exchange"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/web"
	"adamas.example/internal/web/api"
	"adamas.example/verify/message"
)

// Module is what one noun brings.
type Module struct {
	// Name is the noun: one lower-case word, the folder's name. The module's
	// tables, permissions and fault keys begin with it.
	Name string
	// Schema holds the forward-only migrations as schema/*.sql, as embedded in
	// the noun's package; the module has its own version table.
	Schema fs.FS
	// Text holds the words of the noun and of its face: folders, each with
	// text/en.toml, text/fr.toml and text/pt.toml.
	Text []fs.FS
	// Permissions the module's acts ask for; app joins them into one matrix.
	Permissions []access.Permission
	// Commands is a pointer to a struct of kong commands, embedded among the
	// program's own.
	Commands any
	// Pages makes the routes it serves at a node.
	Pages func(n *Node, s *web.Site) ([]Page, error)
	// Operations adds what programs can ask of it at a node; see package api.
	Operations func(n *Node, a *api.API) error
	// Services opens what the module's acts, followers, handlers and commands work
	// with at a node, each of a type of its own; Service finds them again.
	Services func(n *Node) ([]any, error)
	// Followers makes the module's views of what is recorded, here and in the logs
	// of others; see package follow for the rules that a view keeps.
	Followers func(n *Node) ([]follow.Follower, error)
	// Jobs makes what the module does by itself while the node is served.
	Jobs func(n *Node) ([]Job, error)
	// Messages makes what acts on messages from other offices, one handler for each
	// kind in the whole program; see exchange.Handler.
	Messages func(n *Node) (map[message.Kind]exchange.Handler, error)
}

// Job is something that is done again and again while a node is served, after each
// look at the registers of others. It ends soon, is ended by its context, and does
// nothing twice that was done already.
type Job struct {
	Name string // the module's name, a dot, a word
	// Apart has it done beside the others and the looks, one after the other all the same:
	// it waits for computers outside, which take the time that they take.
	Apart bool
	Do    func(ctx context.Context) error
}

// MostPosted is what a page takes in bytes unless it says otherwise: a long form
// without files.
const MostPosted = 1 << 20

// Page is one route. It cannot be reached without its permission: app asks the matrix,
// for the node's own office, before it calls Handler. Where a record is another's than
// the office's (an exporter's application), the handler asks whose.
type Page struct {
	Pattern    string // of http.ServeMux, method included: "GET /certificates/{number}"
	Permission string // declared by this module or another
	Menu       string // key of its line in the menu of every page; "" for none
	Rank       int    // where in the menu: lower stands first
	Most       int64  // bytes that may be posted to it; 0: MostPosted
	Handler    http.Handler
}

// ServeHTTP is Handler with no more to read than Most; who may come is not asked here.
func (p Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, cmp.Or(p.Most, MostPosted))
	p.Handler.ServeHTTP(w, r)
}

var (
	nounForm    = regexp.MustCompile(`^[a-z]+$`)
	patternForm = regexp.MustCompile(`^(GET|POST) /\S*$`)
)

// Check reports every mistake in a list of modules: a name that is none or stands
// twice, a permission named after another noun.
func Check(modules []Module) error {
	var mistakes []error
	names := make(map[string]bool)
	for _, m := range modules {
		if !nounForm.MatchString(m.Name) {
			mistakes = append(mistakes, fmt.Errorf("module %q: not one lower-case word", m.Name))
		}
		if names[m.Name] {
			mistakes = append(mistakes, fmt.Errorf("module %s stands twice", m.Name))
		}
		names[m.Name] = true
		for _, p := range m.Permissions {
			if !strings.HasPrefix(p.Name, m.Name+".") {
				mistakes = append(mistakes, fmt.Errorf("module %s: permission %s is not its own", m.Name, p.Name))
			}
		}
	}
	return errors.Join(mistakes...)
}

// PagesOf makes the pages of all modules at a node, from left to right. Its error
// names every mistake: a route without method or handler, one that stands twice, one
// whose permission no module declares.
func PagesOf(modules []Module, n *Node, s *web.Site) ([]Page, error) {
	var declared []string
	for _, m := range modules {
		for _, p := range m.Permissions {
			declared = append(declared, p.Name)
		}
	}
	var all []Page
	var mistakes []error
	patterns := make(map[string]string)
	for _, m := range modules {
		if m.Pages == nil {
			continue
		}
		pages, err := m.Pages(n, s)
		if err != nil {
			return nil, fmt.Errorf("module %s: %w", m.Name, err)
		}
		for _, page := range pages {
			if err := page.check(declared); err != nil {
				mistakes = append(mistakes, fmt.Errorf("module %s: page %q: %w", m.Name, page.Pattern, err))
			}
			if other, twice := patterns[page.Pattern]; twice {
				mistakes = append(mistakes, fmt.Errorf("module %s: page %q stands also in %s", m.Name, page.Pattern, other))
			}
			patterns[page.Pattern] = m.Name
		}
		all = append(all, pages...)
	}
	return all, errors.Join(mistakes...)
}

// OperationsOf adds the operations of all modules, from left to right. Its error names
// every mistake in them.
func OperationsOf(modules []Module, n *Node, a *api.API) error {
	for _, m := range modules {
		if m.Operations == nil {
			continue
		}
		if err := m.Operations(n, a); err != nil {
			return fmt.Errorf("module %s: %w", m.Name, err)
		}
	}
	return a.Check()
}

func (p Page) check(declared []string) error {
	switch {
	case !patternForm.MatchString(p.Pattern):
		return errors.New("not a method and a path")
	case p.Handler == nil:
		return errors.New("no handler")
	case !slices.Contains(declared, p.Permission):
		return fmt.Errorf("permission %q is declared by no module", p.Permission)
	}
	return nil
}
