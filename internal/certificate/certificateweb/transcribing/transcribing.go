// Package transcribing is the import desk's pages for paper certificates from outside, of
// Participants without a register of their own: the paper is scanned, keyed beside its
// scan, checked, recorded, and its receipt confirmed or a case opened.
//
//	GET  /papers                        waiting, recorded, doubtful; POST scans of a new one
//	GET  /keying/{id}                   keyed beside its scan; POST what was typed
//	GET  /keying/{id}/scan/{n}/{page}   its scan
//	GET  /papers/{id}                   one that is recorded; POST confirm, dispute, correct
//	GET  /papers/{id}/scan/{n}/{page}   its scan; /papers/{id}/receipt.pdf, coupon.pdf, mail.eml
//	GET  /issuing/{id}/attest           a confirmation that came on paper; POST it
//
// # Invariants
//
//   - What was typed is kept, right or wrong, and shown beside the scan.
//   - A paper is never called genuine or valid on any page. Each check says what was
//     asked and what came of it; at best nothing speaks against the paper.
//   - A scan is shown clean, by whoever may receive shipments, and by nobody else.
//   - What is recorded is changed by nothing: a mis-keyed paper is keyed again, and both
//     stand.
//   - Nothing is signed by a person who has not shown lately who he is (package shift).
//
// It may import floors 0 to 2, verify, and its neighbours in certificateweb.
package transcribing

import (
	"embed"
	"io/fs"
	"net/http"
	"net/url"
	"strings"

	"adamas.example/internal/access"
	"adamas.example/internal/certificate/certificateweb/receiving"
	"adamas.example/internal/certificate/certificateweb/receiving/shift"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/certificate/outside"
	"adamas.example/internal/fault"
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

// Attest is the permission to state that receipt was confirmed on paper.
const Attest = "certificate.attest"

// Permissions are what these pages ask for beside receiving's.
func Permissions() []access.Permission {
	return []access.Permission{{Name: Attest, Holders: []access.Role{access.Validator}}}
}

// desk is what all pages work with.
type desk struct {
	node    *module.Node
	site    *web.Site
	imports *importing.Desk
	exports *exporting.Desk
	proofs  shift.Book

	list   *web.View[listPage]
	keying *web.View[keyingPage]
	file   *web.View[filePage]
	attest *web.View[attestPage]
}

// Bounds of what is posted.
const (
	mostScans = outside.MostScan*4 + 1<<20
	mostForm  = 1 << 20
)

// Pages makes the routes.
func Pages(n *module.Node, s *web.Site) ([]module.Page, error) {
	d := &desk{node: n, site: s}
	var err error
	if d.imports, err = module.Service[*importing.Desk](n); err != nil {
		return nil, err
	}
	if d.exports, err = module.Service[*exporting.Desk](n); err != nil {
		return nil, err
	}
	if d.list, err = web.Parse[listPage](s, files, "page/list.html", web.Options{}, "page/pieces.html"); err != nil {
		return nil, err
	}
	if d.keying, err = web.Parse[keyingPage](s, files, "page/keying.html", web.Options{}, "page/pieces.html"); err != nil {
		return nil, err
	}
	if d.file, err = web.Parse[filePage](s, files, "page/file.html", web.Options{}, "page/pieces.html"); err != nil {
		return nil, err
	}
	if d.attest, err = web.Parse[attestPage](s, files, "page/attest.html", web.Options{}, "page/pieces.html"); err != nil {
		return nil, err
	}
	return d.routes(), nil
}

func (d *desk) routes() []module.Page {
	page := func(pattern string, most int64, f func(http.ResponseWriter, *http.Request) error) module.Page {
		return module.Page{Pattern: pattern, Permission: receiving.Permission, Most: most, Handler: d.site.Handle(f)}
	}
	first := page("GET /papers", 0, d.showList)
	first.Menu, first.Rank = "papers.menu", 125
	attest := func(pattern string, most int64, f func(http.ResponseWriter, *http.Request) error) module.Page {
		return module.Page{Pattern: pattern, Permission: Attest, Most: most, Handler: d.site.Handle(f)}
	}
	return []module.Page{first,
		page("POST /papers", mostScans, d.begin),
		page("GET /keying/{id}", 0, d.showKeying), page("POST /keying/{id}", mostScans, d.key),
		page("GET /keying/{id}/scan/{n}/{page}", 0, d.sendKeyingScan),
		page("GET /papers/{id}", 0, d.showFile), page("POST /papers/{id}", mostForm, d.act),
		page("GET /papers/{id}/scan/{n}/{page}", 0, d.sendFileScan),
		page("GET /papers/{id}/receipt.pdf", 0, d.sendReceipt), page("GET /papers/{id}/coupon.pdf", 0, d.sendCoupon), page("GET /papers/{id}/mail.eml", 0, d.sendMail),
		attest("GET /issuing/{id}/attest", 0, d.showAttest), attest("POST /issuing/{id}/attest", mostScans, d.takeAttest),
	}
}

func (d *desk) read(r *http.Request, f func(*store.Tx) error) error {
	return d.node.Ledger.Store().Read(r.Context(), d.node.Now(), f)
}

func (d *desk) write(r *http.Request, f func(*store.Tx) error) error {
	return d.node.Ledger.Store().Write(r.Context(), d.node.Now(), f)
}

// officer is the visitor, who saw so many steps of the file.
func officer(r *http.Request, seen int64) importing.Officer {
	return importing.Officer{ID: web.VisitorOf(r.Context()).Login, Seen: seen}
}

// prove is where somebody shows again who he is; "" for one who has done it lately.
func (d *desk) prove(r *http.Request) string {
	if d.proofs.Fresh(web.VisitorOf(r.Context()), d.site.Now()) {
		return ""
	}
	return "/account/prove?next=" + url.QueryEscape(r.URL.EscapedPath())
}

// sign wants a proof of identity that is still good. Fault receiving.prove.
func (d *desk) sign(r *http.Request) error {
	if !d.proofs.Sign(web.VisitorOf(r.Context()), d.site.Now()) {
		return fault.Conflict("receiving.prove", fault.Arg("for", shift.ProofFor))
	}
	return nil
}

// oneLine is what was typed without line breaks.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
