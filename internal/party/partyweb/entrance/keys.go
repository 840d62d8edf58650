package entrance

import (
	"context"
	"net/http"
	"slices"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/keyring"
	"adamas.example/internal/keyring/officers"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/internal/party/people"
	"adamas.example/internal/party/people/proof"
	"adamas.example/internal/party/stated"
	"adamas.example/internal/store"
	"adamas.example/internal/web"
	"adamas.example/internal/web/form"
	"adamas.example/verify/statement"
)

// keyPath is where an officer makes the key by which he signs.
const keyPath = "/account/key"

// keyPage is an officer's own key, or the form that makes one; the card is printed of it.
type keyPage struct {
	Form     *form.Form
	Have     bool
	Noted    bool // as this person's own
	Name     string
	Login    string
	Office   string
	ID       string
	Groups   string // the id in fours, to be read out by telephone
	Since    string
	Stated   string // what the authority has said of it
	File     string
	Waiting  bool // for the authority
	Renewing string
}

func (h *house) parseKeys(s *web.Site) (err error) {
	if h.key, err = web.Parse[keyPage](s, files, "page/key.html", web.Options{}); err != nil {
		return err
	}
	if h.card, err = web.Parse[keyPage](s, files, "page/card.html", web.Options{}); err != nil {
		return err
	}
	h.stated, err = web.Parse[statingPage](s, files, "page/keys.html", web.Options{})
	return err
}

// keyPages are the addresses about officers' keys.
func (h *house) keyPages(page func(pattern, permission string, f func(http.ResponseWriter, *http.Request) error) module.Page) []module.Page {
	return []module.Page{
		page("GET "+keyPath, signing, h.showKey), page("POST "+keyPath, signing, h.makeKey),
		page("GET "+keyPath+"/card", signing, h.showCard), page("GET "+keyPath+"/card.pub", signing, h.sendCard),
		page("GET "+keysPath, manage, h.showKeys), page("POST "+keysPath, manage, h.appoint)}
}

func (h *house) showKey(w http.ResponseWriter, r *http.Request) error {
	return h.askKey(w, r, http.StatusOK, form.New(h.site.Printer(r), nil))
}

// askKey shows the key. Making one is to follow a fresh proof of identity, which is asked
// for before a passphrase is typed and not after it.
func (h *house) askKey(w http.ResponseWriter, r *http.Request, status int, f *form.Form) error {
	data, err := h.ownKey(r)
	if fault.Is(err, "keyring.no_officer") {
		if ToProve(w, r, h.people.Fresh(VisitOf(r)), keyPath) {
			return nil
		}
		err = nil
	}
	if err != nil {
		return err
	}
	data.Form = f
	w.Header().Set("Cache-Control", "no-store")
	f.Set("password", "")
	f.Set("again", "")
	return h.key.RenderAs(w, r, status, h.site.Printer(r).T("people.signkey", nil), data)
}

// ownKey tells of the visitor's key. Fault keyring.no_officer when he has none; the page
// for making one is given all the same.
func (h *house) ownKey(r *http.Request) (keyPage, error) {
	p, v := h.site.Printer(r), VisitOf(r)
	data := keyPage{Name: v.Person.Name, Login: v.Person.Login, Office: h.node.Office, File: v.Person.Login + ".pub"}
	card, err := h.keys.Card(data.Login)
	if err != nil {
		return data, err
	}
	me, err := h.people.One(r.Context(), v, v.Person.ID)
	if err != nil {
		return data, err
	}
	all, err := h.statements(r.Context())
	if err != nil {
		return data, err
	}
	id := card.KeyID()
	data.Have, data.ID, data.Groups, data.Since = true, id.String(), inFours(id.String()), p.Time(card.Created)
	data.Noted = slices.Contains(me.Keys, people.SigningKey{ID: id, Kind: people.InRing})
	data.Stated, data.Waiting = h.standing(p, all, id)
	data.Renewing = p.T("people.signkey.renewing", lang.Args{"login": data.Login})
	return data, nil
}

// statements are the keys that the authority has stated, as this node's register has them.
func (h *house) statements(ctx context.Context) (all []stated.Key, err error) {
	err = h.node.Ledger.Store().Read(ctx, h.now(), func(tx *store.Tx) error {
		all, err = stated.Keys(tx, ident.OfficeID(h.node.Office).Participant())
		return err
	})
	return all, err
}

// standing says in words what the authority has stated of an officer's key, and whether it
// has yet to: the newest word counts.
func (h *house) standing(p *lang.Printer, all []stated.Key, id statement.KeyID) (words string, waiting bool) {
	waiting, words = true, p.T("people.signkey.waiting", nil)
	for _, k := range all {
		if k.ID != id.String() || k.Conflict || string(k.Office) != h.node.Office || k.Use != statement.UseOfficer {
			continue
		}
		waiting = false
		words = p.T("people.signkey.stated", lang.Args{"from": p.Time(k.From), "until": p.Time(k.Until)})
		switch {
		case len(k.Ended) > 0:
			return p.T("people.signkey.revoked", lang.Args{"reason": k.Ended[0].Reason}), false
		case !h.now().Before(k.Until):
			words = p.T("people.signkey.over", lang.Args{"until": p.Time(k.Until)})
		}
	}
	return words, waiting
}

func inFours(id string) string {
	var out []byte
	for i := range len(id) {
		if i > 0 && i%4 == 0 {
			out = append(out, ' ')
		}
		out = append(out, id[i])
	}
	return string(out)
}

// makeKey makes the key, or notes as the visitor's own one that lies in his folder.
func (h *house) makeKey(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	ctx, v, f := r.Context(), VisitOf(r), form.New(h.site.Printer(r), r.PostForm)
	err := h.people.Fresh(v)
	var o officers.Officer
	switch {
	case err != nil:
	case r.PostForm.Get("act") == "note":
		o, err = h.keys.Of(v.Person.Login)
	default:
		o, err = h.newKey(ctx, v, r.PostForm.Get("password"), r.PostForm.Get("again"))
	}
	if err == nil {
		err = h.people.AddKey(ctx, v, people.SigningKey{ID: o.Key, Kind: people.InRing})
	}
	return h.after(w, r, f, err, keyPath+"/card", "people.said.key", func(status int) error {
		return h.askKey(w, r, status, f)
	})
}

// newKey makes a key that opens with a passphrase which is as strong as a password must be.
func (h *house) newKey(ctx context.Context, v people.Visit, passphrase, again string) (officers.Officer, error) {
	var faults fault.List
	faults.Add(proof.CheckPassword(passphrase, v.Person.Login, v.Person.Name))
	if passphrase != again {
		faults.Add(fault.Invalid("people.passphrase_differs", fault.At("again")))
	}
	if err := faults.Err(); err != nil {
		return officers.Officer{}, err
	}
	lock := &keyring.Passphrase{Ask: func(context.Context) (string, error) { return passphrase, nil }}
	return h.keys.Make(ctx, v.Person.Login, lock, h.now())
}

func (h *house) showCard(w http.ResponseWriter, r *http.Request) error {
	data, err := h.ownKey(r)
	if err != nil {
		return err
	}
	return h.card.Render(w, r, h.site.Printer(r).T("people.card", nil), data)
}

// sendCard gives the file that the authority reads.
func (h *house) sendCard(w http.ResponseWriter, r *http.Request) error {
	login := VisitOf(r).Person.Login
	card, err := h.keys.Card(login)
	if err != nil {
		return err
	}
	return h.sendPublic(w, login, card)
}

func (h *house) sendPublic(w http.ResponseWriter, login string, card *keyring.Card) error {
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

// day is a date as a form takes it.
func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
