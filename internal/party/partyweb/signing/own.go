package signing

import (
	"context"
	"net/http"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
	"adamas.example/internal/keyring/officers"
	"adamas.example/internal/party/partyweb/entrance"
	"adamas.example/internal/party/people"
	"adamas.example/internal/party/people/proof"
	"adamas.example/internal/party/signatory"
	"adamas.example/internal/web"
	"adamas.example/internal/web/form"
)

// ownPath is where an officer makes the key by which he signs.
const ownPath = "/account/key"

// ownPage is an officer's own key, or the form that makes one; the card is printed of it.
type ownPage struct {
	Form        *form.Form
	Have        bool
	Noted       bool // as this person's own
	Name, Login string
	Office      string
	Groups      string // the id in fours, to be read out by telephone
	Since, Word string
	Mark        web.Mark
	Told        string // what lacks and who can give it, or that the end is near
	File, Prove string
	Waiting     bool // for the authority
	Here        bool // the authority: its keys lie at this node
}

func (d *desk) showOwn(w http.ResponseWriter, r *http.Request) error {
	return d.askOwn(w, r, http.StatusOK, form.New(d.site.Printer(r), nil))
}

// askOwn shows the key. Making a first one is to follow a fresh proof of identity, which is
// asked for at once.
func (d *desk) askOwn(w http.ResponseWriter, r *http.Request, status int, f *form.Form) error {
	data, err := d.ownKey(r)
	if err != nil {
		return err
	}
	if !data.Have && entrance.ToProve(w, r, d.people.Fresh(entrance.VisitOf(r)), ownPath) {
		return nil
	}
	data.Form, data.Prove = f, d.proved(r, ownPath)
	w.Header().Set("Cache-Control", "no-store")
	f.Set("password", "")
	f.Set("again", "")
	return d.own.RenderAs(w, r, status, d.site.Printer(r).T("signing.own", nil), data)
}

// ownKey tells of the visitor's key.
func (d *desk) ownKey(r *http.Request) (ownPage, error) {
	p, v := d.site.Printer(r), entrance.VisitOf(r)
	o, err := d.book.Of(r.Context(), v.Person.Login)
	if err != nil {
		return ownPage{}, err
	}
	data := ownPage{Name: v.Person.Name, Login: o.Login, Office: d.node.Office, File: o.Login + ".pub", Have: o.Key != "", Noted: o.Noted,
		Groups: signatory.InFours(o.Key), Since: p.Time(o.Made), Waiting: o.Lack() == signatory.NotStated, Here: d.here()}
	data.Word, data.Mark = d.told(p, &o)
	if data.Told, err = d.book.Told(r.Context(), p, &o); err == nil && data.Told == "" {
		data.Told, err = d.book.Reminder(r.Context(), p, &o)
	}
	return data, err
}

// make makes the key, another in its place, or notes as the visitor's own one that lies in
// his folder.
func (d *desk) make(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	ctx, v, f := r.Context(), entrance.VisitOf(r), form.New(d.site.Printer(r), r.PostForm)
	err := d.people.Fresh(v)
	var o officers.Officer
	switch {
	case err != nil:
	case r.PostForm.Get("act") == "note":
		o, err = d.keys.Of(v.Person.Login)
	case r.PostForm.Get("act") == "replace":
		o, err = d.newKey(ctx, v, r.PostForm.Get("password"), r.PostForm.Get("again"), d.keys.Replace)
	default:
		o, err = d.newKey(ctx, v, r.PostForm.Get("password"), r.PostForm.Get("again"), d.keys.Make)
	}
	if err == nil {
		err = d.people.AddKey(ctx, v, people.SigningKey{ID: o.Key, Kind: people.InRing})
	}
	return d.after(w, r, f, err, ownPath+"/card", "signing.said.made", func(status int) error {
		return d.askOwn(w, r, status, f)
	})
}

// newKey makes a key that opens with a passphrase which is as strong as a password must be.
func (d *desk) newKey(ctx context.Context, v people.Visit, passphrase, again string,
	put func(context.Context, string, keyring.Lock, time.Time) (officers.Officer, error)) (officers.Officer, error) {
	var faults fault.List
	faults.Add(proof.CheckPassword(passphrase, v.Person.Login, v.Person.Name))
	if passphrase != again {
		faults.Add(fault.Invalid("people.passphrase_differs", fault.At("again")))
	}
	if err := faults.Err(); err != nil {
		return officers.Officer{}, err
	}
	lock := &keyring.Passphrase{Ask: func(context.Context) (string, error) { return passphrase, nil }}
	return put(ctx, v.Person.Login, lock, d.node.Now())
}

func (d *desk) showCard(w http.ResponseWriter, r *http.Request) error {
	data, err := d.ownKey(r)
	if err == nil && !data.Have {
		_, err = d.keys.Of(data.Login) // says so
	}
	if err != nil {
		return err
	}
	return d.card.Render(w, r, d.site.Printer(r).T("signing.card", nil), data)
}

// sendOwnCard gives the file that the authority reads.
func (d *desk) sendOwnCard(w http.ResponseWriter, r *http.Request) error {
	return d.send(w, entrance.VisitOf(r).Person.Login)
}
