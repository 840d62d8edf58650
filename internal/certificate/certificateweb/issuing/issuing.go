// Package issuing is the desk of an office that values, seals and issues: what waits for
// whom, each consignment's file with the acts that may follow, a form for each act, what
// is missing before a certificate can be issued, its preview and its prints.
//
// # Invariants
//
//   - What a role may do is asked of the machine (package consignment), here for what is
//     offered and again in the act; no page has a rule of its own.
//   - Every form carries how many steps the file had on the screen: of two who act at
//     once the second is told who was first.
//   - Nothing is signed without the officer's own key, opened in that request with his
//     passphrase, which is neither kept nor shown again.
//   - Nothing is signed for an officer who has not just shown that it is he: by a passkey
//     over what is signed, which is kept, or by password and code.
//   - A preview and a print are noted before their bytes leave.
//
// It may import floors 0 to 2 and the packages of this face that print.
package issuing

import (
	"embed"
	"io/fs"
	"net/http"

	"adamas.example/internal/access"
	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/keyring/officers"
	"adamas.example/internal/module"
	"adamas.example/internal/web"
)

//go:embed text
var text embed.FS

//go:embed page
var files embed.FS

// Text is the pages' words.
func Text() fs.FS { return text }

// work is the permission of the desk.
const work = "certificate.work"

// Permissions are what the pages ask for.
func Permissions() []access.Permission {
	return []access.Permission{{Name: work, Holders: []access.Role{access.Valuator, access.Sealer, access.Validator}}}
}

// mostPhotos bounds a form with photographs, in bytes: several of the largest.
const mostPhotos = 48 << 20

// desk is what all pages work with.
type desk struct {
	node         *module.Node
	site         *web.Site
	exports      *exporting.Desk
	certificates *certificate.Service
	officers     officers.At
	assent       Assent
	signers      Signatories

	list  *web.View[listPage]
	file  *web.View[filePage]
	check *web.View[checkPage]
	act   *web.View[actPage]
}

// Pages makes the routes.
func Pages(n *module.Node, s *web.Site) ([]module.Page, error) {
	d, err := newDesk(n, s)
	if err != nil {
		return nil, err
	}
	page := func(pattern string, f func(http.ResponseWriter, *http.Request) error) module.Page {
		return module.Page{Pattern: pattern, Permission: work, Handler: s.Handle(f)}
	}
	list := page("GET /issuing", d.showList)
	list.Menu, list.Rank = "certificate.issuing.menu", 110
	seal := page("POST /issuing/{id}/seal", d.postAct("seal"))
	seal.Most = mostPhotos
	return []module.Page{list, seal,
		page("GET /issuing/list.csv", d.sendList(CSV)), page("GET /issuing/list.xlsx", d.sendList(XLSX)),
		page("GET /issuing/offset.pdf", d.sendOffset),
		page("GET /issuing/{id}", d.showFile), page("POST /issuing/{id}/hand", d.postHand),
		page("GET /issuing/{id}/check", d.showCheck), page("POST /issuing/{id}/preview", d.postPreview),
		page("GET /issuing/{id}/print", d.showPrint), page("POST /issuing/{id}/print", d.postPrint),
		page("GET /issuing/{id}/photos/{hash}", d.sendPhoto), page("GET /issuing/{id}/bundle", d.sendBundle),
		page("GET /issuing/{id}/{act}", d.showAct), page("POST /issuing/{id}/{act}", d.postAct("")),
		page("POST /issuing/{id}/{act}/assent", d.startAssent)}, nil
}

func newDesk(n *module.Node, s *web.Site) (d *desk, err error) {
	d = &desk{node: n, site: s, officers: officers.At(n.Dir)}
	if d.exports, err = module.Service[*exporting.Desk](n); err != nil {
		return nil, err
	}
	if d.certificates, err = module.Service[*certificate.Service](n); err != nil {
		return nil, err
	}
	if d.assent, err = module.Service[Assent](n); err != nil {
		return nil, err
	}
	if d.signers, err = module.Service[Signatories](n); err != nil {
		return nil, err
	}
	if d.list, err = web.Parse[listPage](s, files, "page/list.html", web.Options{}, "page/pieces.html"); err != nil {
		return nil, err
	}
	if d.file, err = web.Parse[filePage](s, files, "page/file.html", web.Options{}, "page/pieces.html"); err != nil {
		return nil, err
	}
	if d.check, err = web.Parse[checkPage](s, files, "page/check.html", web.Options{}, "page/pieces.html"); err != nil {
		return nil, err
	}
	d.act, err = web.Parse[actPage](s, files, "page/act.html", web.Options{Policy: web.Scripted, Scripts: []string{"passkey.js"}}, "page/pieces.html")
	return d, err
}
