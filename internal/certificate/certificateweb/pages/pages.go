// Package pages is what anybody can read of certificates: each one's page, the list
// of all, the search by number, and the shipments that nobody has confirmed.
//
// # Invariants
//
//   - It shows what stands in registers, and of the facts that are held back only what
//     a recorded opening has made public and the certificate has committed to. It never
//     asks the node's vault.
//   - Two contents under one number are shown both, and said first.
//   - No record is found missing without the registers that were searched.
//   - No page costs more the longer the registers grow.
//
// It may import floors 0 to 2 and verify, and package judge.
package pages

import (
	"embed"
	"io/fs"
	"net/http"
	"sync"

	"adamas.example/data"
	"adamas.example/internal/access"
	"adamas.example/internal/certificate/certificateweb/judge"
	"adamas.example/internal/module"
	"adamas.example/internal/party"
	"adamas.example/internal/web"
)

//go:embed text
var text embed.FS

//go:embed page
var files embed.FS

// Text is the pages' words.
func Text() fs.FS { return text }

// read is the permission that every page here asks for.
const read = "certificate.read_public"

// Permissions are what the pages ask for.
func Permissions() []access.Permission {
	return []access.Permission{{Name: read, Holders: []access.Role{access.Public}, Anywhere: true}}
}

// desk is what all pages work with.
type desk struct {
	node  *module.Node
	site  *web.Site
	judge *judge.Judge
	// sources are what the rules' marks stand for.
	sources party.Sources

	list        *web.View[list]
	page        *web.View[page]
	unconfirmed *web.View[unconfirmed]
	pair        *web.View[pair]

	mu    sync.Mutex
	queue queue
}

// Pages makes the routes.
func Pages(n *module.Node, s *web.Site) ([]module.Page, error) {
	j, err := module.Service[*judge.Judge](n)
	if err != nil {
		return nil, err
	}
	d := &desk{node: n, site: s, judge: j}
	if d.sources, err = party.LoadSources(data.FS); err != nil {
		return nil, err
	}
	if d.list, err = web.Parse[list](s, files, "page/list.html", web.Options{}); err != nil {
		return nil, err
	}
	if d.page, err = web.Parse[page](s, files, "page/certificate.html", web.Options{}); err != nil {
		return nil, err
	}
	if d.unconfirmed, err = web.Parse[unconfirmed](s, files, "page/unconfirmed.html", web.Options{}, "page/rule.html"); err != nil {
		return nil, err
	}
	if d.pair, err = web.Parse[pair](s, files, "page/pair.html", web.Options{}, "page/rule.html"); err != nil {
		return nil, err
	}
	get := func(path string, f func(http.ResponseWriter, *http.Request) error) module.Page {
		return module.Page{Pattern: "GET " + path, Permission: read, Handler: s.Handle(f)}
	}
	waiting := get("/unconfirmed", d.showUnconfirmed)
	waiting.Menu, waiting.Rank = "certificate.page.menu.unconfirmed", 30
	return []module.Page{get("/certificates", d.showList), get("/certificates/{name}", d.showNamed), waiting, get("/unconfirmed/{from}/{to}", d.showPair)}, nil
}
