// Package receiving is the import desk's pages: what is presented is scanned, and all
// that is known of it stands on one screen; what was measured is entered there and
// receipt is confirmed, or a case of an irregular shipment is opened and led.
//
//	GET  /imports                    scan; what is announced, what waits
//	POST /imports                    what was scanned, typed or chosen
//	GET  /imports/{id}               the one screen of a shipment
//	POST /imports/{id}               arrive, reckon, confirm, open a case
//	GET  /imports/{id}/case          an irregular shipment; POST a decision on it
//	POST /imports/{id}/leave         the end of a transit
//	GET  /imports/{id}/receipt.pdf   what is printed of a receipt; coupon.pdf too
//	GET  /imports/cases              open cases, the next clock first
//	GET  /imports/lists/arrived      of today; confirmed and overdue too
//	GET  /imports/transit            POST a shipment that only passes
//	GET  /imports/batch              POST many files, judged and not recorded
//
// # Invariants
//
//   - What was presented is recorded before anybody decides, with what was read of it,
//     and not with what nobody has looked at yet.
//   - A figure that stands in a field before anybody has measured is the certificate's,
//     and says so. What the officer declares by confirming is said beside the button.
//   - No rule is judged here: package importing's acts and Desk.Try do.
//   - Nothing is signed by a person who has not shown lately who he is (see package shift).
//   - A second scan of what is on the desk already makes no second presentation by
//     itself: an accusation of fraud needs an officer's act.
//
// It may import floors 0 to 2, verify, and its neighbours in certificateweb.
package receiving

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"adamas.example/internal/access"
	"adamas.example/internal/certificate/certificateweb/judge"
	"adamas.example/internal/certificate/certificateweb/receiving/bulk"
	"adamas.example/internal/certificate/certificateweb/receiving/shift"
	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/certificate/importing/worklist"
	"adamas.example/internal/certificate/paper"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/module"
	"adamas.example/internal/web"
)

//go:embed text
var text embed.FS

//go:embed page
var files embed.FS

// Text is the pages' words.
func Text() fs.FS { return text }

// Permission is what every page here asks for.
const Permission = "certificate.import"

// Permissions are declared by the certificate's module.
func Permissions() []access.Permission {
	return []access.Permission{{Name: Permission, Holders: []access.Role{access.Importer}}}
}

// counter is what all pages work with.
type counter struct {
	node  *module.Node
	site  *web.Site
	desk  *importing.Desk
	work  *worklist.Desk
	judge *judge.Judge

	proofs  shift.Book
	lens    chan struct{} // one picture at a time: it costs memory and time
	bulk    *bulk.Judge
	batches batches

	scan   *web.View[scanPage]
	again  *web.View[againPage]
	screen *web.View[screen]
	file   *web.View[caseFile]
	list   *web.View[list]
	enter  *web.View[transitPage]
	many   *web.View[batchPage]
}

// Bounds of what is posted.
const (
	mostFile = 16 << 20 // a phone's photograph is half of that
	mostForm = 1 << 20
)

// Pages makes the routes.
func Pages(n *module.Node, s *web.Site) ([]module.Page, error) {
	c := &counter{node: n, site: s, lens: make(chan struct{}, 1), work: &worklist.Desk{Ledger: n.Ledger, Rules: n.Rules, Office: ident.OfficeID(n.Office), Now: n.Now}}
	var err error
	if c.desk, err = module.Service[*importing.Desk](n); err != nil {
		return nil, err
	}
	if c.judge, err = module.Service[*judge.Judge](n); err != nil {
		return nil, err
	}
	c.bulk = bulk.New(c.judge)
	if err := c.parse(); err != nil {
		return nil, err
	}
	return c.pages(), nil
}

func (c *counter) parse() (err error) {
	script := web.Options{Policy: web.Scripted, Scripts: []string{"receiving.js"}}
	lens := web.Options{Policy: web.Checking, Scripts: []string{"receiving.js"}}
	if c.scan, err = web.Parse[scanPage](c.site, files, "page/scan.html", lens, "page/pieces.html"); err != nil {
		return err
	}
	if c.again, err = web.Parse[againPage](c.site, files, "page/again.html", script, "page/pieces.html"); err != nil {
		return err
	}
	if c.screen, err = web.Parse[screen](c.site, files, "page/screen.html", script, "page/pieces.html"); err != nil {
		return err
	}
	if c.file, err = web.Parse[caseFile](c.site, files, "page/case.html", web.Options{}, "page/pieces.html"); err != nil {
		return err
	}
	if c.list, err = web.Parse[list](c.site, files, "page/list.html", web.Options{}, "page/pieces.html"); err != nil {
		return err
	}
	if c.enter, err = web.Parse[transitPage](c.site, files, "page/transit.html", web.Options{}, "page/pieces.html"); err != nil {
		return err
	}
	c.many, err = web.Parse[batchPage](c.site, files, "page/batch.html", web.Options{}, "page/pieces.html")
	return err
}

func (c *counter) pages() []module.Page {
	page := func(pattern string, most int64, f func(http.ResponseWriter, *http.Request) error) module.Page {
		return module.Page{Pattern: pattern, Permission: Permission, Most: most, Handler: c.site.Handle(f)}
	}
	first := page("GET /imports", 0, c.showScan)
	first.Menu, first.Rank = "receiving.menu", 120
	out := []module.Page{first,
		page("POST /imports", mostFile, c.takeScan),
		page("GET /imports/{id}", 0, c.showScreen),
		page("POST /imports/{id}", mostFile, c.act),
		page("GET /imports/{id}/case", 0, c.showCase),
		page("POST /imports/{id}/case", mostFile, c.decide),
		page("POST /imports/{id}/leave", mostForm, c.leave),
		page("GET /imports/{id}/receipt.pdf", 0, c.sendPaper(paper.PrintReceipt)),
		page("GET /imports/{id}/coupon.pdf", 0, c.sendPaper(paper.PrintCoupon)),
		page("GET /imports/transit", 0, c.showTransit),
		page("POST /imports/transit", mostFile, c.takeTransit),
		page("GET /imports/batch", 0, c.showBatch),
		page("POST /imports/batch", bulk.Most, c.takeBatch),
	}
	for _, name := range append(lists, "cases") {
		out = append(out, page("GET "+listPath(name), 0, c.showList(name)))
	}
	return out
}

// officer is the visitor at the desk, who saw so many steps of the file.
func officer(ctx context.Context, seen int64) importing.Officer {
	return importing.Officer{ID: web.VisitorOf(ctx).Login, Seen: seen}
}

// oneLine are the fields of a form with each text as one line: what is filed has no line
// breaks in it.
func oneLine(given url.Values) url.Values {
	out := url.Values{}
	for name, all := range given {
		for _, text := range all {
			out.Add(name, folded(text))
		}
	}
	return out
}

// folded is a text with one space where white space of any kind stood.
func folded(text string) string { return strings.Join(strings.Fields(text), " ") }

// seenOf is how many steps the file had that somebody saw who posts a form. Fault
// receiving.no_act.
func seenOf(in url.Values) (int64, error) {
	seen, err := strconv.ParseInt(in.Get("seen"), 10, 64)
	if err != nil || seen < 1 {
		return 0, fault.Invalid("receiving.no_act", fault.At("seen"), fault.Text(in.Get("seen")))
	}
	return seen, nil
}

// statusOf is the status of a page with a form that is given back; 200 for nil.
func statusOf(err error) int {
	if err == nil {
		return http.StatusOK
	}
	return fault.KindOf(err).Status()
}

// next leads on after a form was taken.
func next(w http.ResponseWriter, r *http.Request, path string) error {
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

// proof is what a page says to somebody who has to show again who he is before he signs.
type proof struct{ Path string }

// prove is where that is done, nil for one who has done it lately.
func (c *counter) prove(r *http.Request) *proof {
	if c.proofs.Fresh(web.VisitorOf(r.Context()), c.site.Now()) {
		return nil
	}
	back := r.URL.RequestURI()
	if r.Method != http.MethodGet {
		back = r.URL.EscapedPath()
	}
	return &proof{"/account/prove?next=" + url.QueryEscape(back)}
}

// sign wants a proof of identity that is still good, and keeps the shift going. Fault
// receiving.prove.
func (c *counter) sign(r *http.Request) error {
	if !c.proofs.Sign(web.VisitorOf(r.Context()), c.site.Now()) {
		return fault.Conflict("receiving.prove", fault.Arg("for", shift.ProofFor))
	}
	return nil
}
