package signing

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/keyring/keyringweb"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/internal/party/partyweb/entrance"
	"adamas.example/internal/party/people/trail"
	"adamas.example/internal/party/signatory"
	"adamas.example/internal/web"
	"adamas.example/internal/web/form"
)

// allPath is where an administrator sees how the keys of all officers stand.
const allPath = "/people/keys"

// authorityFolder holds the authority's keys in a node's folder where a trial or the first
// run has made them (package setup, which stands above this one).
const authorityFolder = "authority"

// allPage lists officers' keys.
type allPage struct {
	State, Revoke   *form.Form
	Rows            []row
	Stated, Revoked []form.Option // what can be stated, and what can be revoked
	Here            bool          // the authority's keys lie at this node
	Prove           string
	Revoking        bool // the visitor came to revoke one
	Commands        []string
	PassphraseHint  string
	ReasonHint      string
}

// row is an officer, or a key that was one's.
type row struct {
	Name, Login, Groups string
	Mark                web.Mark
	Lines               []string
	State, Revoke, Card string // paths; "" where there is nothing to do
}

func (d *desk) authority() string { return filepath.Join(d.node.Dir, authorityFolder) }

// here tells whether the authority's keys lie at this node.
func (d *desk) here() bool { return keyringweb.AuthorityAt(d.authority()) != "" }

func (d *desk) showAll(w http.ResponseWriter, r *http.Request) error {
	p, now, asked := d.site.Printer(r), d.node.Now(), r.URL.Query()
	state := form.New(p, url.Values{"of": {asked.Get("of")}, "from": {day(now)}, "until": {day(now.AddDate(1, 0, 0))}})
	return d.askAll(w, r, http.StatusOK, state, form.New(p, url.Values{"key": {asked.Get("revoke")}}))
}

func (d *desk) askAll(w http.ResponseWriter, r *http.Request, status int, state, revoke *form.Form) error {
	p := d.site.Printer(r)
	all, err := d.book.Officers(r.Context())
	if err != nil {
		return err
	}
	data := allPage{State: state, Revoke: revoke, Here: d.here(), Revoking: revoke.Value("key") != "",
		PassphraseHint: p.T("signing.passphrase.authority.hint", nil), ReasonHint: p.T("signing.reason.hint", nil)}
	if data.Here {
		data.Prove = d.proved(r, allPath)
	}
	slices.SortStableFunc(all, func(a, b signatory.Officer) int { return rank(&a) - rank(&b) })
	for i := range all {
		o := &all[i]
		one := row{Name: o.Called(), Login: o.Login, Groups: signatory.InFours(o.Key)}
		if one.Mark, one.Lines, err = d.lines(r, p, o); err != nil {
			return err
		}
		option := form.Option{Value: o.Key, Text: o.Called() + " · " + one.Groups}
		if o.Login != "" && o.Key != "" {
			one.Card = allPath + "/" + url.PathEscape(o.Login) + "/card.pub"
		}
		if o.Statable() {
			one.State = allPath + "?of=" + o.Key + "#state"
			data.Stated = append(data.Stated, option)
			if o.Due() && state.Value("of") == "" { // whoever comes without a choice finds the first who waits
				state.Set("of", o.Key)
			}
		}
		if o.Counts() {
			one.Revoke = allPath + "?revoke=" + o.Key + "#revoke"
			data.Revoked = append(data.Revoked, option)
		}
		switch {
		case data.Here || !o.Due():
		case o.Statable():
			data.Commands = append(data.Commands, "adamas keys appoint --node NODE --dir KEYS --key authority --card "+o.Login+".pub --office "+d.node.Office+" --until "+day(d.node.Now().AddDate(1, 0, 0))+" --apply")
		default:
			data.Commands = append(data.Commands, `adamas keys revoke --node NODE --dir KEYS --key authority --reason "…" `+o.Key+" --apply")
		}
		data.Rows = append(data.Rows, one)
	}
	state.Set("passphrase", "")
	revoke.Set("opens", "")
	return d.all.RenderAs(w, r, status, p.T("signing.all", nil), data)
}

// rank puts first what waits for the authority, then what waits for officers.
func rank(o *signatory.Officer) int {
	switch {
	case o.Due():
		return 0
	case o.Lack() != signatory.Nothing:
		return 1
	}
	return 2
}

// lines are how an officer stands: the authority's word, what else lacks, what is to be
// done.
func (d *desk) lines(r *http.Request, p *lang.Printer, o *signatory.Officer) (mark web.Mark, out []string, err error) {
	word, mark := d.told(p, o)
	lack := o.Lack()
	switch lack {
	case signatory.Nothing, signatory.NotStated, signatory.NotYetValid, signatory.NoLonger, signatory.Withdrawn:
		return mark, []string{word}, nil
	}
	lacks, err := d.book.Told(r.Context(), p, o)
	if out = []string{lacks}; !o.Counts() {
		return web.Wait, out, err
	}
	if out = append(out, word); o.Due() {
		out = append(out, p.T("signing.to_revoke", nil))
	}
	return web.Tell, out, err
}

// appoint has the authority, whose keys lie here, state an officer's key, just as adamas
// keys appoint does.
func (d *desk) appoint(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	p, f := d.site.Printer(r), form.New(d.site.Printer(r), r.PostForm)
	o, err := d.may(r)
	if err == nil {
		err = d.state(r, &o)
	}
	return d.after(w, r, f, err, allPath, "signing.said.stated", func(status int) error { return d.askAll(w, r, status, f, form.New(p, nil)) })
}

// may wants a proof of identity and the authority's keys, and finds whose the key is that
// was posted: its id is what was compared, so that no other is stated for it.
func (d *desk) may(r *http.Request) (o signatory.Officer, err error) {
	if err := d.people.Fresh(entrance.VisitOf(r)); err != nil {
		return o, err
	}
	if !d.here() {
		return o, fault.NotFound("people.authority_elsewhere")
	}
	key := r.PostForm.Get("of")
	if key == "" {
		return o, fault.Invalid("people.key_unchosen", fault.At("of"))
	}
	all, err := d.book.Officers(r.Context())
	if err != nil {
		return o, err
	}
	i := slices.IndexFunc(all, func(o signatory.Officer) bool { return o.Key == key })
	if i < 0 {
		return o, errKeyGone()
	}
	o = all[i]
	at, name := fault.At("of"), fault.Arg("name", o.Called())
	switch o.Lack() {
	case signatory.InNoFolder:
		return o, errKeyGone()
	case signatory.Closed:
		return o, fault.Conflict("people.key_of_closed", at, name)
	case signatory.NotYetIn:
		return o, fault.Conflict("people.key_of_invited", at, name)
	case signatory.NoRole:
		return o, fault.Conflict("people.key_of_no_signer", at, name)
	case signatory.Withdrawn:
		return o, fault.Conflict("people.key_withdrawn", at, name)
	}
	return o, nil
}

func errKeyGone() error { return fault.Conflict("people.key_gone", fault.At("of")) }

// state has an officer's key stated. His folder is read once more, and may hold another
// key by now.
func (d *desk) state(r *http.Request, o *signatory.Officer) error {
	card, err := d.keys.Card(o.Login)
	switch {
	case err != nil:
		return fault.Restate(err, fault.At("of"))
	case card.KeyID().String() != o.Key:
		return errKeyGone()
	}
	b, err := card.Encode()
	if err != nil {
		return err
	}
	return d.said(r, o, trail.KeyAppointed, "until", r.PostForm.Get("until"), func(env *module.Env) error {
		return keyringweb.AppointOfficer(env, d.node, keyringweb.OfficerAct{Here: keyringweb.Here{Dir: d.authority(), Passphrase: r.PostForm.Get("passphrase"), Field: "passphrase"},
			Card: b, From: r.PostForm.Get("from"), Until: r.PostForm.Get("until")})
	})
}

// said has the authority say something of an officer's key, and writes it into the trail at
// once: whoever leaves while the witnesses are waited for has had it said all the same.
func (d *desk) said(r *http.Request, o *signatory.Officer, what trail.Act, more, value string, say func(*module.Env) error) error {
	ctx := context.WithoutCancel(r.Context())
	if err := say(d.env(ctx, r)); err != nil {
		return err
	}
	if err := d.people.KeyStated(ctx, entrance.VisitOf(r), what, o.ID, "key", o.Key, more, value); err != nil {
		return err
	}
	d.heard(r.Context(), o)
	return nil
}

// env is where a command of the authority runs: what it prints is on no page.
func (d *desk) env(ctx context.Context, r *http.Request) *module.Env {
	return &module.Env{Context: ctx, Out: io.Discard, Err: io.Discard, Now: d.node.Now, Getenv: func(string) string { return "" }, Words: d.site.Printer(r)}
}

// revoke has the authority revoke an officer's key, just as adamas keys revoke does. Only
// a key that was stated for an officer of this office is revoked here.
func (d *desk) revoke(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	p, f := d.site.Printer(r), form.New(d.site.Printer(r), r.PostForm)
	given := r.PostForm
	all, err := d.book.Officers(r.Context())
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(o signatory.Officer) bool { return o.Key == given.Get("key") && o.Counts() })
	switch err = d.people.Fresh(entrance.VisitOf(r)); {
	case err != nil:
	case !d.here():
		err = fault.NotFound("people.authority_elsewhere")
	case i < 0:
		err = fault.NotFound("people.key_counts_not", fault.At("key"))
	default:
		err = d.said(r, &all[i], trail.KeyRevoked, "reason", given.Get("reason"), func(env *module.Env) error {
			return keyringweb.RevokeOfficer(env, d.node, keyringweb.OfficerEnd{Here: keyringweb.Here{Dir: d.authority(), Passphrase: given.Get("opens"), Field: "opens"},
				Key: all[i].Key, Reason: given.Get("reason")})
		})
	}
	return d.after(w, r, f, err, allPath, "signing.said.revoked", func(status int) error {
		now := d.node.Now()
		return d.askAll(w, r, status, form.New(p, url.Values{"from": {day(now)}, "until": {day(now.AddDate(1, 0, 0))}}), f)
	})
}

// sendCard gives the file for an authority elsewhere.
func (d *desk) sendCard(w http.ResponseWriter, r *http.Request) error {
	return d.send(w, r.PathValue("login"))
}

// The register's view follows the log a moment behind (follow.Followers.Run).
const (
	heardWithin = 3 * time.Second
	heardEvery  = 20 * time.Millisecond
)

// heard waits until what was just stated of a key is known here, so that the page that
// follows does not say the opposite. was is how the officer stood before.
func (d *desk) heard(ctx context.Context, was *signatory.Officer) {
	ctx, stop := context.WithTimeout(ctx, heardWithin)
	defer stop()
	for {
		all, err := d.book.Officers(ctx)
		i := slices.IndexFunc(all, func(o signatory.Officer) bool { return o.Key == was.Key })
		if err != nil || i < 0 || all[i].Word.Said != was.Word.Said {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(heardEvery):
		}
	}
}
