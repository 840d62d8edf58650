package api

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"golang.org/x/time/rate"

	"adamas.example/internal/access"
	"adamas.example/internal/fault"
	"adamas.example/internal/store"
	"adamas.example/internal/web"
)

//go:embed text
var text embed.FS

// Text is the words of what is refused here.
func Text() fs.FS { return text }

//go:embed schema/*.sql
var schema embed.FS

// Schema is the table of answers, for store.Migrate.
func Schema() store.Schema { return store.Schema{Module: "web", Files: schema} }

// Prefix is where the operations are.
const Prefix = "/api/v1"

// call is the permission to ask who one is: every program's.
const call = "web.call"

// Permissions are those of this package's own operation.
func Permissions() []access.Permission {
	everybody := access.Roles()
	return []access.Permission{{Name: call, Holders: everybody[:len(everybody)-1], Anywhere: true}}
}

// Config is what an API is made of.
type Config struct {
	Site  *web.Site
	Store *store.Store
	Now   func() time.Time
	// Know finds the program that a key belongs to, of what was sent as one and the address
	// that it came from. Faults: those of package party's access keys.
	Know func(ctx context.Context, sent, address string) (*Program, error)
	// Arrives takes one call without a key of an address, false when it has none left; nil:
	// they are not counted.
	Arrives func(address string, now time.Time) bool
	// Declared are the permissions of all modules.
	Declared []access.Permission
	Slog     *slog.Logger
	// Plain tells whether a request came without https at a node that has it, and where it
	// belongs; nil: it has none.
	Plain func(r *http.Request) (https string, plain bool)
}

// API is the operations of all modules at a node. It is filled before it is served.
type API struct {
	cfg     Config
	huma    huma.API
	mux     *http.ServeMux
	ops     []Operation
	ids     map[string]bool
	wrong   []error
	running running

	mu    sync.Mutex
	rates map[string]*rate.Limiter // by program
}

// Program is who asks: a system of the office's own, by its key.
type Program struct {
	ID        string
	Name      string
	Actor     access.Actor
	Company   string   // the trader for whom it acts; "" for the office's own
	Only      []string // permissions that it is held to; none: all that its roles have
	Sandbox   bool     // nothing that it does is recorded
	PerMinute int      // requests; 0: usualPerMinute
	Until     time.Time
}

// usualPerMinute is more than an office does by hand, and less than a mistake in a loop.
const usualPerMinute = 1200

// Kind is what an operation does.
type Kind uint8

// The kinds.
const (
	Reading  Kind = iota + 1 // GET
	Checking                 // POST that records nothing
	Acting                   // POST that does something, once for each Idempotency-Key
)

// Operation is one thing that a program can ask for. Summary, Description and the texts
// of parameters stand in the document, in English, which is for programmers.
type Operation struct {
	ID          string // "issueCertificate"
	Method      string // "": GET for Reading, else POST
	Path        string // below Prefix: "/consignments/{id}"
	Permission  string
	Tag         string
	Summary     string
	Description string
	Query       []Param
	Paths       map[string]string // what the parts of the path are, with an example before a bar: "CF-bangui-2026-000017|the file"
	Most        int64             // bytes of the body; 0: mostBody
	Takes       string            // media types of the body, with commas; "": JSON
	Gives       string            // media types of the answer, with commas; "": JSON
	Example     any               // of the body
	// AtOnce is how many calls without a key are received or carried out at once, counted
	// by address besides (Config.Arrives); 0: as many as come. Programs have their rates.
	AtOnce int
	// Sketch says for a sandbox what the record of an act would be, within the
	// transaction that is undone.
	Sketch func(tx *store.Tx, about string) (any, error)
	// Turn is waited for or refused before the body is read, where a large one is no use
	// while others have theirs. The call goes on under its context, by whose deadline the
	// body has to have come, and ends it.
	Turn func(context.Context) (context.Context, func(), error)

	kind Kind
	door chan struct{}
}

// Param is a parameter in the query.
type Param struct {
	Name, Doc string
	Example   string
	Enum      []string
}

// mostBody is what an operation takes in bytes unless it says otherwise.
const mostBody = 1 << 20

// New makes an API without operations but the one that tells a program who it is.
func New(c Config) *API {
	mux := http.NewServeMux()
	a := &API{cfg: c, mux: mux, ids: map[string]bool{}, rates: map[string]*rate.Limiter{}, running: running{held: map[string]bool{}}}
	a.cfg.Slog = cmp.Or(c.Slog, slog.New(slog.DiscardHandler))
	a.huma = humago.NewWithPrefix(mux, Prefix, document(c.Site))
	a.self()
	return a
}

// Check reports every mistake in the operations: one without a permission that somebody
// declares, an id or a route that stands twice.
func (a *API) Check() error { return errors.Join(a.wrong...) }

// Operations lists them, by path and method.
func (a *API) Operations() []Operation {
	return slices.SortedFunc(slices.Values(a.ops), func(x, y Operation) int {
		return cmp.Or(cmp.Compare(x.Path, y.Path), cmp.Compare(x.Method, y.Method))
	})
}

// Register adds the operations and their document to a node's addresses.
func (a *API) Register(mux *http.ServeMux) error {
	raw, err := a.Document()
	if err != nil {
		return err
	}
	mux.Handle(Prefix+"/", web.Secure(http.HandlerFunc(a.route)))
	mux.Handle("GET /openapi.json", web.Secure(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*") // it is public, and tools in browsers read it
		a.send(w, r, http.StatusOK, "application/openapi+json;version=3.1", "", raw)
	})))
	return nil
}

// route answers in the form of the API also where there is nothing.
func (a *API) route(w http.ResponseWriter, r *http.Request) {
	if a.cfg.Plain != nil {
		// Not sent on: a key that came this way is known on the way, and its program has to
		// be mended.
		if https, plain := a.cfg.Plain(r); plain {
			a.refuse(w, r, nil, fault.Usage("api.plain_http", fault.Arg("address", https+Prefix)))
			return
		}
	}
	if _, pattern := a.mux.Handler(r); pattern == "" {
		a.refuse(w, r, nil, errNoOperation(r))
		return
	}
	a.mux.ServeHTTP(w, r)
}

// add takes an operation with what answers it.
func (a *API) add(o Operation, kind Kind, h *huma.Operation, serve func(*Call) error) {
	o.kind = kind
	o.Method = cmp.Or(o.Method, map[Kind]string{Reading: http.MethodGet, Checking: http.MethodPost, Acting: http.MethodPost}[kind])
	o.Most = cmp.Or(o.Most, mostBody)
	if !slices.ContainsFunc(a.cfg.Declared, func(p access.Permission) bool { return p.Name == o.Permission }) {
		a.wrong = append(a.wrong, fmt.Errorf("operation %s: permission %q is declared by no module", o.ID, o.Permission))
		return
	}
	for _, name := range []string{"id " + o.ID, o.Method + " " + o.Path} {
		if a.ids[name] {
			a.wrong = append(a.wrong, fmt.Errorf("operation %s: %s stands twice", o.ID, name))
			return
		}
		a.ids[name] = true
	}
	if o.AtOnce > 0 {
		o.door = make(chan struct{}, o.AtOnce)
	}
	a.ops = append(a.ops, o)
	a.describe(&o, h)
	a.huma.OpenAPI().AddOperation(h)
	a.huma.Adapter().Handle(h, func(ctx huma.Context) {
		r, w := humago.Unwrap(ctx)
		a.answer(w, r, &o, serve)
	})
}

// public tells whether an operation is everybody's.
func (a *API) public(permission string) bool {
	return slices.ContainsFunc(a.cfg.Declared, func(p access.Permission) bool {
		return p.Name == permission && slices.Contains(p.Holders, access.Public)
	})
}
