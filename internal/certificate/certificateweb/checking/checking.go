// Package checking is the page "Check a certificate". In a browser that runs scripts
// the verifier runs on the reader's own device (package browser, web/scripts/check.mjs)
// and what is laid on the page goes nowhere; the page keeps itself, the verifier and a
// pack for use without a network. In a browser without scripts it is a form, and this
// office judges what is sent, by the same code and from the same pack, and keeps
// nothing of it.
//
//	GET  /check                       the page, and what a number is known for
//	POST /check                       a file or the text of codes, judged here
//	GET  /C, /P, /R                   the same page: the addresses in a paper's codes
//	GET  /check/words-LANGUAGE.json   the verifier's words
//	GET  /check/verifier.js           the worker that runs the verifier
//	GET  /check/worker.js             what keeps the page for use without a network
//	GET  /check/manifest.webmanifest  how it is installed
//
// # Invariants
//
//   - What stands behind the # of a paper's address never reaches the office.
//   - Both ways say the same of a certificate, word for word.
//   - What is sent is bounded in size, in how much of it is held and judged at once.
//
// It may import floors 0 to 2, verify, and its neighbours in certificateweb.
package checking

import (
	"embed"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"sync"

	"adamas.example/internal/access"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/internal/web"
	"adamas.example/verify"
	"adamas.example/verify/canonical"
	"adamas.example/verify/trust"
)

//go:embed text
var text embed.FS

//go:embed pages
var pages embed.FS

// templates are what the page is drawn by.
var templates = [...]string{"pages/check.html", "pages/result.html"}

// Text is the page's words.
func Text() fs.FS { return text }

// Permission is what the page asks for: anybody has it.
const Permission = "certificate.check"

// Permissions are declared by the certificate's module.
func Permissions() []access.Permission {
	return []access.Permission{{Name: Permission, Holders: []access.Role{access.Public}, Anywhere: true}}
}

// checker is the page at a node.
type checker struct {
	node  *module.Node
	site  *web.Site
	view  *web.View[page]
	root  canonical.Hash // the root document in force, as this office has it
	packs packs
	doors chan struct{} // as many as send something at once
	desks chan struct{} // as many as judge at once
	lens  chan struct{} // one picture at a time: it costs memory, and others must not wait for it

	version func() string // of all that the kept page is made of
}

// Of readers without scripts: how many things are judged at the same time, and how many
// are received or wait, each in memory.
const (
	atOnce = 2
	atDoor = 16
)

// Pages are the page and what it loads.
func Pages(n *module.Node, s *web.Site) ([]module.Page, error) {
	c, err := newChecker(n, s)
	if err != nil {
		return nil, err
	}
	return c.pages(), nil
}

func newChecker(n *module.Node, s *web.Site) (*checker, error) {
	c := &checker{node: n, site: s, doors: make(chan struct{}, atDoor), desks: make(chan struct{}, atOnce), lens: make(chan struct{}, 1)}
	c.packs.node, c.version = n, sync.OnceValue(c.newVersion)
	var err error
	c.view, err = web.Parse[page](s, pages, templates[0], web.Options{Policy: web.Checking, Scripts: []string{"check.js"}}, templates[1:]...)
	if err != nil {
		return nil, err
	}
	if len(n.Roots) > 0 {
		chain, err := trust.ParseChain(n.Roots, canonical.Hash{})
		if err != nil {
			return nil, fault.Invalid("ledger.roots_refused", fault.Because(err))
		}
		c.root = chain.Fingerprints[len(chain.Fingerprints)-1]
	}
	return c, nil
}

func (c *checker) pages() []module.Page {
	s := c.site
	out := []module.Page{{Pattern: "GET /check", Menu: "check.menu", Rank: 10, Handler: s.Handle(c.show)},
		{Pattern: "POST /check", Most: most, Handler: s.Handle(c.judge)},
		{Pattern: "GET /C", Handler: s.Handle(c.show)}, {Pattern: "GET /P", Handler: s.Handle(c.show)},
		{Pattern: "GET /R", Handler: s.Handle(c.show)},
		{Pattern: "GET /check/verifier.js", Handler: s.Handle(c.verifier)},
		{Pattern: "GET /check/worker.js", Handler: s.Handle(c.worker)},
		{Pattern: "GET /check/manifest.webmanifest", Handler: s.Handle(c.manifest)}}
	for _, l := range spoken {
		out = append(out, module.Page{Pattern: "GET " + wordsFile(l), Handler: s.Handle(c.words(l))})
	}
	for i := range out {
		out[i].Permission = Permission
	}
	return out
}

// page is what the page shows.
type page struct {
	Words        map[string]string // for the script
	Files        files
	Purpose      verify.Purpose
	Destination  string
	Destinations []destination
	Number       string
	Codes        string
	Faults       []told
	Result       *result
	Root         string // fingerprint in groups; "" where there is none
	HasPack      bool
}

// files are the addresses of what the script loads.
type files struct {
	Verifier, Program, Lens, Loader, Words, Worker string
}

type destination struct {
	Code, Name string
	Chosen     bool
}

// told is a fault in words.
type told struct{ Text, Remedy string }

// words for the script begin with this.
const scriptWords = "check.ui."

func (c *checker) page(p *lang.Printer) page {
	out := page{Words: map[string]string{}, Purpose: verify.Record, HasPack: c.node.Offer.HasPack(), Files: files{
		Verifier: c.verifierPath(), Program: c.site.Asset("check.wasm"), Lens: c.site.Asset("lens.wasm"), Loader: c.site.Asset("wasm_exec.js"), Words: c.wordsPath(p.Language()), Worker: "/check/worker.js"}}
	for key, text := range p.Plain(scriptWords).Texts {
		out.Words[strings.TrimPrefix(key, scriptWords)] = text
	}
	if !c.root.IsZero() {
		out.Root = grouped(c.root.String())
	}
	return out
}

// destinations are the Participants of the root document in force, by their names.
func (c *checker) destinations(p *lang.Printer, chosen string) (out []destination) {
	chain, err := trust.ParseChain(c.node.Roots, canonical.Hash{})
	if err != nil {
		return nil
	}
	for _, each := range chain.Current().Participants {
		out = append(out, destination{each.Code, p.Participant(ident.ParticipantCode(each.Code)), each.Code == chosen})
	}
	lang.Sort(p, out, func(d destination) string { return d.Name })
	return out
}

// grouped parts 64 digits in groups of four, for people who compare them.
func grouped(digits string) string {
	var out []string
	for group := range slices.Chunk([]byte(digits), 4) {
		out = append(out, string(group))
	}
	return strings.Join(out, " ")
}

// show shows the page; with a number, what is known of it.
func (c *checker) show(w http.ResponseWriter, r *http.Request) error {
	c.node.Offer.Want()
	p := c.site.Printer(r)
	data := c.page(p)
	data.Destinations = c.destinations(p, "")
	if typed := strings.TrimSpace(r.URL.Query().Get("number")); typed != "" {
		return c.showNumber(w, r, p, data, typed)
	}
	return c.view.Render(w, r, p.T("check.title", nil), data)
}

// showNumber judges the file that this office offers under a number, and otherwise
// leads to what the registers say of it.
func (c *checker) showNumber(w http.ResponseWriter, r *http.Request, p *lang.Printer, data page, typed string) error {
	data.Number = typed
	n, err := ident.ParseNumber(strings.ToUpper(strings.Join(strings.Fields(typed), "")))
	if err != nil {
		return c.refuse(w, r, p, data, fault.Invalid("check.not_a_number", fault.At("number"), fault.Text(typed), fault.Because(err)))
	}
	path, ok := c.node.Offer.Path(string(n) + ".adamas")
	if !ok {
		http.Redirect(w, r, "/certificates?number="+string(n), http.StatusSeeOther)
		return nil
	}
	raw, err := module.ReadFile("number", path, most)
	if err != nil {
		return err
	}
	return c.answer(w, r, p, data, raw, verify.Options{Purpose: verify.Record, At: c.site.Now()})
}

// refuse shows the form again, with what is wrong.
func (c *checker) refuse(w http.ResponseWriter, r *http.Request, p *lang.Printer, data page, err error) error {
	for _, e := range p.Explain(err, "") {
		data.Faults = append(data.Faults, told{e.Text, e.Remedy})
	}
	return c.view.RenderAs(w, r, fault.KindOf(err).Status(), p.T("check.title", nil), data)
}
