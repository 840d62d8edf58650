// Package signing is the pages of the keys by which officers sign.
//
//	GET  /account/key                   an officer's own key; POST makes one, or another
//	GET  /account/key/card              what he shows and reads out; card.pub is its file
//	GET  /people/keys                   how all stand; POST has the authority state one
//	POST /people/keys/revoke            has it revoke one
//	GET  /people/keys/{login}/card.pub  the file of the card, for an authority elsewhere
//
// # Invariants
//
//   - A passphrase is asked for after the proof of identity and not before it, and is
//     neither kept nor given back.
//   - The authority's keys are used where they lie at this node (a trial, a first run), and
//     opened in that request. A real authority keeps them in its own house: for it the page
//     has the command.
//   - Each act stands in the trail.
//
// Imports: floors 0 to 2, module, web, keyringweb, entrance.
package signing

import (
	"embed"
	"io/fs"
	"net/http"
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
	"adamas.example/internal/keyring/officers"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/internal/party/partyweb/entrance"
	"adamas.example/internal/party/people"
	"adamas.example/internal/party/signatory"
	"adamas.example/internal/party/stated"
	"adamas.example/internal/web"
	"adamas.example/internal/web/form"
)

//go:embed text
var text embed.FS

//go:embed page
var files embed.FS

// Text is the words of the pages.
func Text() fs.FS { return text }

// The permissions of these pages: an officer's to make the key by which he signs, and
// package people's to look after accounts.
const (
	sign   = "people.signing_key"
	manage = "people.manage"
)

// Permissions are those of these pages that are no other package's.
func Permissions() []access.Permission {
	return []access.Permission{{Name: sign, Holders: []access.Role{access.Validator}}}
}

// desk is what the pages work with.
type desk struct {
	node   *module.Node // whose officers sign
	site   *web.Site
	people *people.Service
	book   *signatory.Book
	keys   officers.At

	own  *web.View[ownPage]
	card *web.View[ownPage]
	all  *web.View[allPage]
}

// Pages are the routes.
func Pages(n *module.Node, s *web.Site) (_ []module.Page, err error) {
	d := &desk{node: n, site: s, keys: officers.At(n.Dir)}
	if d.people, err = module.Service[*people.Service](n); err != nil {
		return nil, err
	}
	if d.book, err = module.Service[*signatory.Book](n); err != nil {
		return nil, err
	}
	if d.own, err = web.Parse[ownPage](s, files, "page/key.html", web.Options{}, "page/facts.html"); err != nil {
		return nil, err
	}
	if d.card, err = web.Parse[ownPage](s, files, "page/card.html", web.Options{}, "page/facts.html"); err != nil {
		return nil, err
	}
	if d.all, err = web.Parse[allPage](s, files, "page/keys.html", web.Options{}); err != nil {
		return nil, err
	}
	page := func(pattern, permission string, f func(http.ResponseWriter, *http.Request) error) module.Page {
		return module.Page{Pattern: pattern, Permission: permission, Handler: s.Handle(f)}
	}
	return []module.Page{
		page("GET "+ownPath, sign, d.showOwn), page("POST "+ownPath, sign, d.make),
		page("GET "+ownPath+"/card", sign, d.showCard), page("GET "+ownPath+"/card.pub", sign, d.sendOwnCard),
		page("GET "+allPath, manage, d.showAll), page("POST "+allPath, manage, d.appoint),
		page("POST "+allPath+"/revoke", manage, d.revoke), page("GET "+allPath+"/{login}/card.pub", manage, d.sendCard)}, nil
}

// proved is where the visitor shows again who he is, before he types a passphrase; "" for
// one who has done so lately.
func (d *desk) proved(r *http.Request, back string) string {
	if d.people.Fresh(entrance.VisitOf(r)) == nil {
		return ""
	}
	return entrance.ProvePath(back)
}

// after ends an act: the proof of identity is asked for where it is too old, a refusal
// goes back to the form, and otherwise the reader is sent on.
func (d *desk) after(w http.ResponseWriter, r *http.Request, f *form.Form, err error, to, said string, again func(status int) error) error {
	if entrance.ToProve(w, r, err, to) {
		return nil
	}
	if err := f.Refuse(err); err != nil {
		return err
	}
	if f.Wrong() {
		return again(fault.KindOf(err).Status())
	}
	return d.site.Go(w, r, to, said)
}

// told puts the authority's word into words, with its mark.
func (d *desk) told(p *lang.Printer, o *signatory.Officer) (string, web.Mark) {
	marks := map[stated.WordState]web.Mark{stated.InForce: web.Valid, stated.Ending: web.Tell, stated.Over: web.Invalid, stated.Revoked: web.Invalid}
	mark, known := marks[o.Word.State]
	if !known {
		mark = web.Wait
	}
	return p.T("signing.word."+string(o.Word.State), lang.Args{"from": o.Word.From, "until": o.Word.Until, "reason": o.Word.Reason, "count": o.DaysLeft(d.node.Now())}), mark
}

func (d *desk) send(w http.ResponseWriter, login string) error {
	card, err := d.keys.Card(login)
	if err != nil {
		return err
	}
	return sendPublic(w, login, card)
}

func sendPublic(w http.ResponseWriter, login string, card *keyring.Card) error {
	b, err := card.Encode()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", `attachment; filename="`+login+`.pub"`) // a login has no quote
	w.Header().Set("Cache-Control", "no-store")
	_, err = w.Write(b)
	return err
}

// parse reads a posted form.
func parse(r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.Invalid("web.form_unreadable", fault.Arg("why", "not a form"), fault.Because(err))
	}
	return nil
}

// day is a date as a form takes it.
func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
