// Package specimens shows what the papers of Participants look like, and is where an
// office enters that (package specimen): pages and commands.
//
//	GET  /specimens                     by Participant; ?format=csv, xlsx
//	GET  /specimens/{id}                one with its pictures
//	GET  /specimens/{id}/{n}/{page}     a picture as it is shown; /file as it came
//	GET  /specimens/new                 POST: enter one
//	GET  /specimens/{id}/replace        POST: another in its place
//	POST /specimens/{id}/withdraw       it counts no more
//
// # Invariants
//
//   - With whose eyes a visitor reads, the permission See says and nothing else; of what
//     is restricted the others see one word for each Participant.
//   - What may be seen by some is kept by no cache.
//   - A file as it came leaves as an attachment: a PDF that opened here would do so in the
//     name of the office.
//
// It may import floors 0 to 2, module and web.
package specimens

import (
	"embed"
	"io/fs"
	"net/http"

	"adamas.example/internal/access"
	"adamas.example/internal/module"
	"adamas.example/internal/party/specimen"
	"adamas.example/internal/store"
	"adamas.example/internal/web"
)

//go:embed page
var files embed.FS

//go:embed text
var text embed.FS

// Text is the words of pages and commands.
func Text() fs.FS { return text }

// The permissions.
const (
	Read = "specimen.read" // what is for everybody
	See  = "specimen.see"  // also what is restricted
	Keep = "specimen.keep" // enter, replace, withdraw
)

// Permissions are those of these pages.
func Permissions() []access.Permission {
	return []access.Permission{
		{Name: Read, Holders: []access.Role{access.Public}, Anywhere: true},
		{Name: See, Holders: []access.Role{access.Importer, access.Validator, access.Administrator}},
		{Name: Keep, Holders: []access.Role{access.Importer, access.Administrator}},
	}
}

// shelf is what the pages work with.
type shelf struct {
	node *module.Node
	site *web.Site
	list *web.View[listPage]
	one  *web.View[onePage]
	form *web.View[formPage]
}

// mostSent bounds a form with its pictures.
const mostSent = 80 << 20

// Pages are the routes.
func Pages(n *module.Node, s *web.Site) (_ []module.Page, err error) {
	h := &shelf{node: n, site: s}
	if h.list, err = web.Parse[listPage](s, files, "page/list.html", web.Options{}); err != nil {
		return nil, err
	}
	if h.one, err = web.Parse[onePage](s, files, "page/one.html", web.Options{}); err != nil {
		return nil, err
	}
	if h.form, err = web.Parse[formPage](s, files, "page/form.html", web.Options{}); err != nil {
		return nil, err
	}
	page := func(pattern, permission string, most int64, f func(http.ResponseWriter, *http.Request) error) module.Page {
		return module.Page{Pattern: pattern, Permission: permission, Most: most, Handler: s.Handle(f)}
	}
	return []module.Page{
		page("GET /specimens", Read, 0, h.showList),
		page("GET /specimens/{id}", Read, 0, h.showOne),
		page("GET /specimens/{id}/{n}/{page}", Read, 0, h.sendPicture),
		page("GET /specimens/{id}/{n}/file", See, 0, h.sendFile),
		page("GET /specimens/new", Keep, 0, h.showNew), page("POST /specimens/new", Keep, mostSent, h.enter),
		page("GET /specimens/{id}/replace", Keep, 0, h.showReplace), page("POST /specimens/{id}/replace", Keep, mostSent, h.replace),
		page("POST /specimens/{id}/withdraw", Keep, 0, h.withdraw),
	}, nil
}

// eyes says what the visitor may see.
func (h *shelf) eyes(r *http.Request) specimen.Eyes {
	if h.site.May(r, See) {
		return specimen.Office
	}
	return specimen.Public
}

func (h *shelf) read(r *http.Request, f func(*store.Tx) error) error {
	return h.node.Ledger.Store().Read(r.Context(), h.node.Now(), f)
}

func (h *shelf) write(r *http.Request, f func(*store.Tx) error) error {
	return h.node.Ledger.Store().Write(r.Context(), h.node.Now(), f)
}
