// Package accounts is what an office accounts for: its numbered sheets, the goods that
// are to come back, and the register of a day.
//
// # Invariants
//
//   - A page reads and changes nothing; of programs, one act gives up a blank sheet.
//   - No page goes through more than the ranges or the day that it shows.
//
// It may import floors 0 to 2 and the packages of this face that print.
package accounts

import (
	"embed"
	"io/fs"
	"net/http"

	"adamas.example/internal/access"
	"adamas.example/internal/certificate/certificateweb/issuing"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/internal/store"
	"adamas.example/internal/web"
)

//go:embed text
var text embed.FS

//go:embed page
var files embed.FS

// Text is the pages' words.
func Text() fs.FS { return text }

// The permissions.
const (
	sheetsOf   = "certificate.sheets"
	registerOf = "certificate.register"
)

// Permissions are what the pages ask for.
func Permissions() []access.Permission {
	return []access.Permission{{Name: sheetsOf, Holders: []access.Role{access.Validator, access.Administrator}},
		{Name: registerOf, Holders: []access.Role{access.Valuator, access.Sealer, access.Validator, access.Importer, access.Statistician}}}
}

type desk struct {
	node *module.Node
	site *web.Site

	sheets *web.View[sheetsPage]
	one    *web.View[rangePage]
	back   *web.View[backPage]
	day    *web.View[dayPage]
}

// Pages makes the routes.
func Pages(n *module.Node, s *web.Site) ([]module.Page, error) {
	d := &desk{node: n, site: s}
	var err error
	if d.sheets, err = web.Parse[sheetsPage](s, files, "page/sheets.html", web.Options{}); err != nil {
		return nil, err
	}
	if d.one, err = web.Parse[rangePage](s, files, "page/range.html", web.Options{}); err != nil {
		return nil, err
	}
	if d.back, err = web.Parse[backPage](s, files, "page/back.html", web.Options{}); err != nil {
		return nil, err
	}
	if d.day, err = web.Parse[dayPage](s, files, "page/day.html", web.Options{}); err != nil {
		return nil, err
	}
	page := func(pattern, permission, menu string, rank int, f func(http.ResponseWriter, *http.Request) error) module.Page {
		return module.Page{Pattern: pattern, Permission: permission, Menu: menu, Rank: rank, Handler: s.Handle(f)}
	}
	return []module.Page{
		page("GET /sheets", sheetsOf, "certificate.accounts.menu.sheets", 140, d.showSheets),
		page("GET /sheets/{id}", sheetsOf, "", 0, d.showRange),
		page("GET /sheets/{id}/list.csv", sheetsOf, "", 0, d.sendRange(issuing.CSV)), page("GET /sheets/{id}/list.xlsx", sheetsOf, "", 0, d.sendRange(issuing.XLSX)),
		page("GET /returns", registerOf, "certificate.accounts.menu.back", 145, d.showBack),
		page("GET /daily", registerOf, "certificate.accounts.menu.day", 150, d.showDay),
		page("GET /daily/register.xlsx", registerOf, "", 0, d.sendDay), page("GET /daily/register.pdf", registerOf, "", 0, d.printDay)}, nil
}

func (d *desk) read(r *http.Request, fn func(*store.Tx) error) error {
	return d.node.Ledger.Store().Read(r.Context(), d.node.Now(), fn)
}

func (d *desk) env(r *http.Request) *module.Env {
	return &module.Env{Context: r.Context(), Now: d.node.Now}
}

func pagesOf(p *lang.Printer, first, next string) web.Pages {
	return web.Pages{Earlier: first, Later: next, EarlierWords: p.T("certificate.accounts.first", nil), LaterWords: p.T("certificate.accounts.next", nil), Label: p.T("web.pages", nil)}
}
