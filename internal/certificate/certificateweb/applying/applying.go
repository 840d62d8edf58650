// Package applying is the exporter's pages: the application for a certificate, typed in
// parts that are saved as they are left, with its papers; where each application stands,
// who has it, and what is asked of the exporter (domain.md 2.2; KPCS Annex II 17).
//
// # Invariants
//
//   - An exporter sees what is his company's and nothing else: what is another's answers
//     as what is not there. Officers read every application that was sent, and no draft.
//   - Whatever was typed is saved, right or wrong, and comes back as it was typed.
//   - No rule is decided here: package applications says what is wrong, exporting what
//     can be done.
//   - A paper is sent as something to keep, of the kind that its content has, and can run
//     nothing.
//
// It may import floors 0 to 2, verify, and web.
package applying

import (
	"embed"
	"io/fs"
	"net/http"
	"sync"

	"adamas.example/data"
	"adamas.example/internal/access"
	"adamas.example/internal/certificate/applications"
	"adamas.example/internal/certificate/exporting/annex"
	"adamas.example/internal/fault"
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

// The permissions: to apply, and to read what was applied for.
const (
	apply = "certificate.apply"
	read  = "certificate.read_applications"
)

// Permissions are what the pages ask for.
func Permissions() []access.Permission {
	return []access.Permission{
		{Name: apply, Holders: []access.Role{access.Exporter}},
		{Name: read, Holders: []access.Role{access.Exporter, access.Valuator, access.Sealer, access.Validator}},
	}
}

// counter is what all pages work with.
type counter struct {
	node    *module.Node
	site    *web.Site
	service *applications.Service
	scheme  *party.Scheme
	sources party.Sources

	list   *web.View[list]
	draft  *web.View[overview]
	part   *web.View[partPage]
	check  *web.View[checkPage]
	status *web.View[statusPage]

	mu    sync.Mutex
	where *destinations
}

// Pages makes the routes.
func Pages(n *module.Node, s *web.Site) (_ []module.Page, err error) {
	c := &counter{node: n, site: s}
	if c.service, err = module.Service[*applications.Service](n); err != nil {
		return nil, err
	}
	if c.scheme, err = party.Load(data.FS, nil); err != nil {
		return nil, err
	}
	if c.sources, err = party.LoadSources(data.FS); err != nil {
		return nil, err
	}
	if c.list, err = web.Parse[list](s, files, "page/list.html", web.Options{}); err != nil {
		return nil, err
	}
	if c.draft, err = web.Parse[overview](s, files, "page/draft.html", web.Options{}, "page/pieces.html"); err != nil {
		return nil, err
	}
	if c.part, err = web.Parse[partPage](s, files, "page/part.html", web.Options{}, "page/pieces.html"); err != nil {
		return nil, err
	}
	if c.check, err = web.Parse[checkPage](s, files, "page/check.html", web.Options{}, "page/pieces.html"); err != nil {
		return nil, err
	}
	if c.status, err = web.Parse[statusPage](s, files, "page/status.html", web.Options{}, "page/pieces.html"); err != nil {
		return nil, err
	}
	return c.routes(), nil
}

func (c *counter) routes() []module.Page {
	get := func(path, permission string, f func(http.ResponseWriter, *http.Request) error) module.Page {
		return module.Page{Pattern: "GET " + path, Permission: permission, Handler: c.site.Handle(f)}
	}
	post := func(path string, f func(http.ResponseWriter, *http.Request) error) module.Page {
		return module.Page{Pattern: "POST " + path, Permission: apply, Handler: c.site.Handle(f)}
	}
	all := get("/applications", read, c.showList)
	all.Menu, all.Rank = "apply.menu", 130
	upload := post("/applications/drafts/{id}/paper", c.takePaper)
	upload.Most = annex.MostSize + 1<<20
	return []module.Page{all,
		get("/applications/{id}", read, c.showStatus),
		get("/applications/papers/{id}/{hash}", read, c.sendPaper),
		post("/applications/{id}/mend", c.mend),
		post("/applications/{id}/withdraw", c.withdraw),
		post("/applications/drafts", c.start),
		get("/applications/drafts/{id}", apply, c.showDraft),
		post("/applications/drafts/{id}/delete", c.delete),
		get("/applications/drafts/{id}/check", apply, c.showCheck),
		post("/applications/drafts/{id}/check", c.send),
		get("/applications/drafts/{id}/part/{part}", apply, c.showPart),
		post("/applications/drafts/{id}/part/{part}", c.savePart),
		upload,
		get("/applications/drafts/{id}/paper/{hash}", apply, c.sendPaper),
		post("/applications/drafts/{id}/paper/{hash}/remove", c.removePaper),
	}
}

// who asks: for an exporter his company, for an officer none. Somebody who applies for
// no company is shown nothing.
func (c *counter) who(r *http.Request) (applications.Who, error) {
	v := web.VisitorOf(r.Context())
	w := applications.Who{Company: v.Company, Login: v.Login, Name: v.Name}
	if c.site.May(r, apply) == (w.Company == "") {
		return applications.Who{}, fault.Forbidden("certificate.no_company")
	}
	return w, nil
}
