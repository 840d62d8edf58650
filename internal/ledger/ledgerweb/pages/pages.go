// Package pages shows a register to everybody: the list of what was stated, newest
// first, and each entry by itself, with who attests that it has not been changed.
//
// What is shown stands in the register, where everybody can read it: nothing comes from
// the vault. A page costs a few looks into indexes, however long the register has
// become.
//
// Imports: floors 0 and 1, ledgerweb.
package pages

import (
	"embed"
	"io/fs"
	"net/http"

	"adamas.example/internal/access"
	"adamas.example/internal/ledger/ledgerweb"
	"adamas.example/internal/module"
	"adamas.example/internal/store"
	"adamas.example/internal/web"
)

//go:embed page
var files embed.FS

//go:embed text
var text embed.FS

// Text is the words of the pages.
func Text() fs.FS { return text }

// Read is the permission to read a register: everybody's.
const Read = "ledger.read"

// Permissions are those of these pages.
func Permissions() []access.Permission {
	return []access.Permission{{Name: Read, Holders: []access.Role{access.Public}, Anywhere: true}}
}

// register is what the pages work with.
type register struct {
	node  *module.Node
	site  *web.Site
	list  *web.View[list]
	entry *web.View[entry]
}

// Pages are the routes.
func Pages(n *module.Node, s *web.Site) (_ []module.Page, err error) {
	g := &register{node: n, site: s}
	if g.list, err = web.Parse[list](s, files, "page/register.html", web.Options{}); err != nil {
		return nil, err
	}
	if g.entry, err = web.Parse[entry](s, files, "page/entry.html", web.Options{}); err != nil {
		return nil, err
	}
	return []module.Page{
		{Pattern: "GET /register", Permission: Read, Menu: "register.menu", Rank: 20, Handler: s.Handle(g.showList)},
		{Pattern: "GET /register/{entry}", Permission: Read, Handler: s.Handle(g.showEntry)},
	}, nil
}

// read looks into the node's database.
func (g *register) read(r *http.Request, fn func(tx *store.Tx) error) error {
	return g.node.Ledger.Store().Read(r.Context(), g.site.Now(), fn)
}

// certificatePath leads to the page of the certificate that a statement is about; "" for
// none.
func certificatePath(subject string) string {
	if number := ledgerweb.CertificateOf(subject); number != "" {
		return "/certificates/" + string(number)
	}
	return ""
}
