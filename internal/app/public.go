package app

import (
	"context"
	"crypto/rand"
	"embed"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/app/caller"
	"adamas.example/internal/app/doors"
	"adamas.example/internal/app/node"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger/tiles"
	"adamas.example/internal/module"
	"adamas.example/internal/party/accesskey"
	"adamas.example/internal/party/partyweb/entrance"
	"adamas.example/internal/party/people"
	"adamas.example/internal/party/people/arrival"
	"adamas.example/internal/web"
	"adamas.example/internal/web/api"
	"adamas.example/internal/web/hook"
)

//go:embed page
var pages embed.FS

// face makes what a node shows those who ask: its logs, its pages, and where it takes
// messages.
func face(env *module.Env, n *node.Node, others *following, words *lang.Catalogue, offer module.Offer) (http.Handler, error) {
	rights, err := matrix()
	if err != nil {
		return nil, err
	}
	site, err := web.New(web.Config{Words: words, Synthetic: n.Config.Synthetic, Office: n.Config.Office, Rights: rights, Now: env.Now, Slog: env.Logger()})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	if err := register(mux, site, env, n, others, offer); err != nil {
		return nil, err
	}
	who, err := module.Service[*people.Service](others.node)
	if err != nil {
		return nil, err
	}
	return entrance.Know(who, ownForms(site, others.watch.Handler(mux))), nil
}

// ownForms lets no browser post what another site made it post. What is no browser
// (another office's program, a state's own system) sends neither of the headers by
// which that is told, and has no cookie that could be misused.
func ownForms(site *web.Site, next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(web.Secure(site.Handle(func(http.ResponseWriter, *http.Request) error {
		return fault.Forbidden("web.cross_site")
	})))
	return guard.Handler(next)
}

// register adds every address of a node.
func register(mux *http.ServeMux, site *web.Site, env *module.Env, n *node.Node, others *following, offer module.Offer) error {
	others.node.Offer = offer
	site.Register(mux)
	all, err := module.PagesOf(Modules(), others.node, site)
	if err != nil {
		return err
	}
	addPages(mux, site, all)
	home, err := newHome(others.node, site)
	if err != nil {
		return err
	}
	s := &statusPage{env: env, node: n, site: site, offer: offer, others: others}
	if s.view, err = web.Parse[status](site, pages, "page/status.html", web.Options{}); err != nil {
		return err
	}
	mux.Handle("GET /{$}", web.Secure(site.Handle(home.show)))
	mux.Handle("GET /status", web.Secure(site.Handle(s.show)))
	mux.Handle("GET /health", web.Secure(http.HandlerFunc(others.watch.ServeHealth)))
	if err := others.registerTrust(mux, site); err != nil {
		return err
	}
	mux.Handle("GET /following", web.Secure(http.HandlerFunc(others.serveFollowed)))
	mux.Handle("GET /pack", web.Secure(site.Handle(s.pack)))
	mux.Handle("POST /exchange", web.Secure(others.node.Post.Handler()))
	programs, err := operations(env, n, others.node, site, others.door)
	if err != nil {
		return err
	}
	if err := programs.Register(mux); err != nil {
		return err
	}
	mux.Handle("/", web.Secure(http.HandlerFunc(site.NotFound)))
	return serveLogs(mux, n.Dir)
}

// How often somebody without a key has something judged, by address: a desk of a bank with
// a heap of papers waits for none.
const (
	strangersPerMinute = 60
	strangersAtOnce    = 60
)

// operations are what programs can ask of the node.
func operations(env *module.Env, n *node.Node, f *module.Node, site *web.Site, door *doors.Door) (*api.API, error) {
	keys, err := module.Service[*accesskey.Service](f)
	if err != nil {
		return nil, err
	}
	c := api.Config{Site: site, Store: n.Store, Now: env.Now, Know: keys.Know, Declared: declared(), Slog: env.Logger()}
	if door != nil && door.Authority != nil {
		c.Plain = func(r *http.Request) (string, bool) { return door.Secure(r), r.TLS == nil && !caller.Of(r).Secure() }
	}
	l := people.DefaultLimits()
	rates := arrival.NewRates(strangersPerMinute, strangersAtOnce, l.Addresses)
	c.Arrives = func(address string, now time.Time) bool { return rates.Allow(arrival.From{Address: address}, now) }
	a := api.New(c)
	return a, module.OperationsOf(Modules(), f, a)
}

// accessKeys opens the access keys of a node's office.
func accessKeys(n *module.Node) ([]any, error) {
	held := func() (names []string) {
		for _, p := range declared() {
			names = append(names, p.Name)
		}
		return names
	}
	return []any{accesskey.New(accesskey.Config{Store: n.Ledger.Store(), Now: n.Now, Entropy: rand.Reader, Office: ident.OfficeID(n.Office), Permissions: held})}, nil
}

// hookKey lies among the node's keys: the secrets of webhooks are made from it, so that a
// copy of the database has none.
const hookKey = "hooks.key"

// webhooks opens what tells the office's own systems what has happened.
func webhooks(n *module.Node) ([]any, error) {
	c, err := node.ReadConfig(n.Dir)
	if err != nil {
		return nil, err
	}
	open, err := c.Networks()
	if err != nil {
		return nil, err
	}
	key, err := people.LoadKey(filepath.Join(n.Dir, node.KeysFolder, hookKey))
	if err != nil {
		return nil, err
	}
	return []any{hook.New(hook.Config{Store: n.Ledger.Store(), Now: n.Now, Key: key, Networks: open, Plain: n.Synthetic, Over: accesskey.HookOver})}, nil
}

// deliver sends what is due; it stands after the modules that have something to tell.
func deliver(n *module.Node) ([]module.Job, error) {
	s, err := module.Service[*hook.Service](n)
	return []module.Job{{Name: "hooks.deliver", Apart: true, Do: func(ctx context.Context) error { return s.Deliver(ctx) }}}, err
}

// declared are the permissions of all modules.
func declared() (out []access.Permission) {
	for _, m := range Modules() {
		out = append(out, m.Permissions...)
	}
	return out
}

// matrix is every permission and who holds it.
func matrix() (*access.Matrix, error) { return access.NewMatrix(declared()) }

// addPages adds the pages of all modules, each behind its permission, and makes the
// menu of them.
func addPages(mux *http.ServeMux, site *web.Site, all []module.Page) {
	public := map[string]bool{}
	for _, p := range declared() {
		public[p.Name] = slices.Contains(p.Holders, access.Public)
	}
	inMenu := slices.DeleteFunc(slices.Clone(all), func(p module.Page) bool { return p.Menu == "" })
	slices.SortStableFunc(inMenu, func(a, b module.Page) int { return a.Rank - b.Rank })
	var menu []web.Item
	for _, page := range inMenu {
		menu = append(menu, web.Item{Path: pathOf(page.Pattern), Key: page.Menu, Permission: page.Permission, Everybody: public[page.Permission]})
	}
	site.SetMenu(menu)
	for _, page := range all {
		mux.Handle(page.Pattern, web.Secure(site.Handle(behind(site, page, public[page.Permission]))))
	}
}

// behind is a page behind its permission. Nobody who has only to sign in is turned away:
// he is sent there and comes back. A page that is not everybody's is kept by no cache.
func behind(site *web.Site, page module.Page, public bool) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		if !public {
			w.Header().Set("Cache-Control", "no-store")
		}
		if err := site.Require(r, page.Permission); err != nil {
			if fault.KindOf(err) == fault.KindUnproven && r.Method == http.MethodGet && site.CanSignIn() {
				site.ToSignIn(w, r)
				return nil
			}
			return err
		}
		page.ServeHTTP(w, r)
		return nil
	}
}

// pathOf is the path of a route's pattern.
func pathOf(pattern string) string {
	_, path, _ := strings.Cut(pattern, " ")
	return path
}

var logFolderForm = regexp.MustCompile(`^log(-[0-9]+)?$`)

// serveLogs serves the node's log, and those it has closed, each under the name of
// its folder: an address leads to the same log for ever.
func serveLogs(mux *http.ServeMux, dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if name := e.Name(); logFolderForm.MatchString(name) {
			mux.Handle("GET /"+name+"/", web.Secure(http.StripPrefix("/"+name, tiles.Handler(filepath.Join(dir, name)))))
		}
	}
	return nil
}
