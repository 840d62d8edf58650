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
	"adamas.example/internal/party/people"
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
	state := form.New(p, url.Values{"login": {asked.Get("of")}, "from": {day(now)}, "until": {day(now.AddDate(1, 0, 0))}})
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
		option := form.Option{Text: o.Called() + " · " + one.Groups}
		if o.Login != "" && o.Key != "" {
			one.Card = allPath + "/" + url.PathEscape(o.Login) + "/card.pub"
		}
		switch lack := o.Lack(); {
		case one.Card == "" || lack == signatory.Withdrawn || lack == signatory.Closed:
		default:
			option.Value, one.State = o.Login, allPath+"?of="+url.QueryEscape(o.Login)+"#state"
			data.Stated = append(data.Stated, option)
			if o.Due() && state.Value("login") == "" { // whoever comes without a choice finds the first who waits
				state.Set("login", o.Login)
			}
			if !data.Here && o.Due() {
				data.Commands = append(data.Commands, "adamas keys appoint --node NODE --dir KEYS --key authority --card "+o.Login+".pub --office "+d.node.Office+" --until "+day(d.node.Now().AddDate(1, 0, 0))+" --apply")
			}
		}
		if o.Counts() {
			option.Value, one.Revoke = o.Key, allPath+"?revoke="+o.Key+"#revoke"
			data.Revoked = append(data.Revoked, option)
			if !data.Here && o.Due() && one.State == "" {
				data.Commands = append(data.Commands, `adamas keys revoke --node NODE --dir KEYS --key authority --reason "…" `+o.Key+" --apply")
			}
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
	p, v, login := d.site.Printer(r), entrance.VisitOf(r), r.PostForm.Get("login")
	f := form.New(p, r.PostForm)
	o, err := d.may(r, login)
	if err == nil {
		err = d.state(r, login)
	}
	if err == nil {
		d.heard(r.Context(), &o)
		err = d.people.KeyStated(r.Context(), v, trail.KeyAppointed, o.ID, "key", o.Key, "until", r.PostForm.Get("until"))
	}
	return d.after(w, r, f, err, allPath, "signing.said.stated", func(status int) error { return d.askAll(w, r, status, f, form.New(p, nil)) })
}

// may wants a proof of identity and the authority's keys, and finds whose key it is. A
// closed account's is not stated.
func (d *desk) may(r *http.Request, login string) (o signatory.Officer, err error) {
	if err := d.people.Fresh(entrance.VisitOf(r)); err != nil {
		return o, err
	}
	if !d.here() {
		return o, fault.NotFound("people.authority_elsewhere")
	}
	if o, err = d.book.Of(r.Context(), login); err != nil {
		return o, err
	}
	if o.Account == people.Ended || o.Account == people.Suspended {
		return o, fault.Conflict("people.key_of_closed", fault.At("login"), fault.Arg("name", o.Called()))
	}
	return o, nil
}

func (d *desk) state(r *http.Request, login string) error {
	card, err := d.keys.Card(login)
	if err != nil {
		return fault.Restate(err, fault.At("login"))
	}
	b, err := card.Encode()
	if err != nil {
		return err
	}
	return keyringweb.AppointOfficer(d.env(r), d.node, keyringweb.OfficerAct{Here: keyringweb.Here{Dir: d.authority(), Passphrase: r.PostForm.Get("passphrase"), Field: "passphrase"},
		Card: b, From: r.PostForm.Get("from"), Until: r.PostForm.Get("until")})
}

// env is where a command of the authority runs: what it prints is on no page.
func (d *desk) env(r *http.Request) *module.Env {
	return &module.Env{Context: r.Context(), Out: io.Discard, Err: io.Discard, Now: d.node.Now, Getenv: func(string) string { return "" }, Words: d.site.Printer(r)}
}

// revoke has the authority revoke an officer's key, just as adamas keys revoke does. Only
// a key that was stated for an officer of this office is revoked here.
func (d *desk) revoke(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	p, v, f := d.site.Printer(r), entrance.VisitOf(r), form.New(d.site.Printer(r), r.PostForm)
	given := r.PostForm
	all, err := d.book.Officers(r.Context())
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(o signatory.Officer) bool { return o.Key == given.Get("key") && o.Counts() })
	switch err = d.people.Fresh(v); {
	case err != nil:
	case !d.here():
		err = fault.NotFound("people.authority_elsewhere")
	case i < 0:
		err = fault.NotFound("people.key_counts_not", fault.At("key"))
	default:
		err = keyringweb.RevokeOfficer(d.env(r), d.node, keyringweb.OfficerEnd{Here: keyringweb.Here{Dir: d.authority(), Passphrase: given.Get("opens"), Field: "opens"},
			Key: given.Get("key"), Reason: given.Get("reason")})
	}
	if err == nil {
		d.heard(r.Context(), &all[i])
		err = d.people.KeyStated(r.Context(), v, trail.KeyRevoked, all[i].ID, "key", given.Get("key"), "reason", given.Get("reason"))
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
