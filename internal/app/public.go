package app

import (
	"embed"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"adamas.example/internal/access"
	"adamas.example/internal/app/node"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger/tiles"
	"adamas.example/internal/module"
	"adamas.example/internal/web"
)

//go:embed page
var pages embed.FS

// publicFace is what a node shows the world: its logs, its pages, and where it takes
// messages.
func publicFace(env *module.Env, n *node.Node, others *following, words *lang.Catalogue, offer module.Offer) (http.Handler, error) {
	site, err := web.New(web.Config{Words: words, Synthetic: n.Config.Synthetic, Office: n.Config.Office, Now: env.Now, Log: env.Err})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	return mux, register(mux, site, env, n, others, offer)
}

// register adds every address of a node.
func register(mux *http.ServeMux, site *web.Site, env *module.Env, n *node.Node, others *following, offer module.Offer) error {
	others.node.Offer = offer
	site.Register(mux)
	if err := addPages(mux, site, others.node); err != nil {
		return err
	}
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
	mux.Handle("GET /health", web.Secure(http.HandlerFunc(s.health)))
	mux.Handle("GET /following", web.Secure(http.HandlerFunc(others.serveFollowed)))
	mux.Handle("GET /pack", web.Secure(site.Handle(s.pack)))
	mux.Handle("POST /exchange", web.Secure(others.node.Post.Handler()))
	mux.Handle("/", web.Secure(http.HandlerFunc(site.NotFound)))
	return serveLogs(mux, n.Dir)
}

// addPages adds the pages of all modules, and makes the menu of them. Until there are
// people who sign in, whoever asks is the public.
func addPages(mux *http.ServeMux, site *web.Site, n *module.Node) error {
	modules := Modules()
	var permissions [][]access.Permission
	for _, m := range modules {
		permissions = append(permissions, m.Permissions)
	}
	matrix, err := access.NewMatrix(permissions...)
	if err != nil {
		return err
	}
	all, err := module.PagesOf(modules, n, site)
	if err != nil {
		return err
	}
	inMenu := slices.DeleteFunc(slices.Clone(all), func(p module.Page) bool { return p.Menu == "" })
	slices.SortStableFunc(inMenu, func(a, b module.Page) int { return a.Rank - b.Rank })
	var menu []web.Item
	for _, page := range inMenu {
		menu = append(menu, web.Item{Path: pathOf(page.Pattern), Key: page.Menu})
	}
	site.SetMenu(menu)
	for _, page := range all {
		mux.Handle(page.Pattern, web.Secure(site.Handle(func(w http.ResponseWriter, r *http.Request) error {
			if err := matrix.Require(access.Actor{}, page.Permission, ""); err != nil {
				return err
			}
			page.Handler.ServeHTTP(w, r)
			return nil
		})))
	}
	return nil
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
