package entrance

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"adamas.example/internal/access"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/party/people"
	"adamas.example/internal/party/signatory"
	"adamas.example/internal/web/form"
)

// accountPage is what a person sees of himself.
type accountPage struct {
	Form      *form.Form
	Name      string
	Login     string
	Company   string
	Roles     []string
	Sessions  []sessionRow
	Passkeys  []passkeyRow
	Password  bool
	Code      bool
	CodesLeft string
	Passkey   *form.Passkey
	Languages []form.Option
	Signs     bool       // he may have a key to sign with
	KeyTold   string     // what lacks before he can sign, or that his key ends soon
	Done      []trailRow // the last things done to the account
}

type sessionRow struct {
	ID, Browser, Address, Way, Made, Seen string
	This                                  bool
}

type passkeyRow struct {
	ID, Name, Made, Used string
	Halted               bool
}

func (h *house) showAccount(w http.ResponseWriter, r *http.Request) error {
	return h.askAccount(w, r, http.StatusOK, form.New(h.site.Printer(r), url.Values{"passkey": {from(r).Browser()}}))
}

func (h *house) askAccount(w http.ResponseWriter, r *http.Request, status int, f *form.Form) error {
	p, v, ctx := h.site.Printer(r), VisitOf(r), r.Context()
	me, err := h.people.One(ctx, v, v.Person.ID)
	if err != nil {
		return err
	}
	data := accountPage{Form: f, Name: me.Name, Login: me.Login, Roles: rolesOf(p, me), Password: me.Password, Code: me.Code,
		Passkey: h.passkey(r, "/account/passkey", "people.passkey.add", true)}
	data.Languages, data.Signs = languages(p), slices.ContainsFunc(me.Grants, func(g access.Grant) bool { return g.Role == access.Validator && g.Office == h.site.Office() })
	if data.Signs {
		if data.KeyTold, _, err = h.keyTold(r, me.Login); err != nil {
			return err
		}
	}
	f.Set("language", string(me.Language))
	if me.Company != (people.Company{}) {
		data.Company = me.Company.Holder + ", " + me.Company.Licence
	}
	if me.Code {
		n, err := h.people.CodesLeft(ctx, v)
		if err != nil {
			return err
		}
		data.CodesLeft = p.T("people.codes.left", lang.Args{"count": n})
	}
	sessions, err := h.people.Sessions(ctx, v)
	if err != nil {
		return err
	}
	data.Sessions = sessionRows(p, sessions, v.Session.ID)
	keys, err := h.people.Passkeys(ctx, v)
	if err != nil {
		return err
	}
	for _, k := range keys {
		row := passkeyRow{ID: k.ID, Name: k.Name, Made: p.Time(k.Made), Halted: !k.Halted.IsZero()}
		if !k.Used.IsZero() {
			row.Used = p.Time(k.Used)
		}
		data.Passkeys = append(data.Passkeys, row)
	}
	page, err := h.people.Trail(ctx, v, people.TrailWanted{Person: v.Person.ID})
	if err != nil {
		return err
	}
	if data.Done, err = h.trailRows(ctx, p, page.Rows[:min(len(page.Rows), 8)]); err != nil {
		return err
	}
	return h.mine.RenderAs(w, r, status, p.T("people.account", nil), data)
}

// keyTold says what lacks before an officer can sign, or that his key ends soon; "" when
// all is well.
func (h *house) keyTold(r *http.Request, login string) (string, signatory.Officer, error) {
	o, err := h.book.Of(r.Context(), login)
	if err != nil {
		return "", o, err
	}
	told, err := h.book.Told(r.Context(), h.site.Printer(r), &o)
	if err == nil && told == "" {
		told, err = h.book.Reminder(r.Context(), h.site.Printer(r), &o)
	}
	return told, o, err
}

func sessionRows(p *lang.Printer, all []people.Session, this ident.RecordID) (out []sessionRow) {
	for _, s := range all {
		out = append(out, sessionRow{ID: string(s.ID), Browser: s.Browser, Address: s.Address, Way: p.T("people.way."+string(s.Way), nil),
			Made: p.Time(s.Made), Seen: p.Time(s.Seen), This: s.ID == this})
	}
	return out
}

func rolesOf(p *lang.Printer, who people.Person) (out []string) {
	for _, g := range who.Grants {
		where := string(g.Office)
		if where == "" {
			where = string(g.Participant)
		}
		out = append(out, p.T("people.role_at", lang.Args{"role": p.T("role."+string(g.Role), nil), "where": where}))
	}
	return out
}

// changeAccount does one of the things that the page offers.
func (h *house) changeAccount(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	ctx, v, f := r.Context(), VisitOf(r), form.New(h.site.Printer(r), r.PostForm)
	var err error
	said := "people.said.changed"
	switch id := r.PostForm.Get("id"); r.PostForm.Get("act") {
	case "password":
		err = h.people.SetPassword(ctx, v, r.PostForm.Get("password"))
	case "no_password":
		err = h.people.RemovePassword(ctx, v)
	case "passkey":
		err = h.people.AddPasskey(ctx, v, r.PostForm.Get("passkey"), answer(r))
	case "remove_passkey":
		err = h.people.RemovePasskey(ctx, v, id)
	case "end":
		err = h.people.EndSession(ctx, v, ident.RecordID(id))
		said = "people.said.ended"
	case "end_others":
		err = h.people.EndOthers(ctx, v)
		said = "people.said.ended"
	case "language":
		err = h.people.ChooseLanguage(ctx, v, lang.Language(r.PostForm.Get("language")))
	case "print_codes":
		var codes []string
		if codes, err = h.people.PrintCodes(ctx, v); err == nil {
			return h.showCodes(w, r, codes, "/account")
		}
	default:
		return fault.Invalid("people.no_act")
	}
	return h.after(w, r, f, err, "/account", said, func(status int) error { return h.askAccount(w, r, status, f) })
}

// after ends an act: the proof of identity is asked for where it is too old, a refusal
// goes back to the form, and otherwise the reader is sent on.
func (h *house) after(w http.ResponseWriter, r *http.Request, f *form.Form, err error, to, said string, again func(status int) error) error {
	if ToProve(w, r, err, to) {
		return nil
	}
	if err := f.Refuse(err); err != nil {
		return err
	}
	if f.Wrong() {
		return again(fault.KindOf(err).Status())
	}
	return h.site.Go(w, r, to, said)
}

func (h *house) startOwnPasskey(w http.ResponseWriter, r *http.Request) error {
	c, err := h.people.StartOwnPasskey(r.Context(), VisitOf(r))
	return h.question(w, r, c, err)
}

// appPage sets up an app that shows codes.
type appPage struct {
	Form *form.Form
	Code codePicture
}

func (h *house) showApp(w http.ResponseWriter, r *http.Request) error {
	return h.askApp(w, r, http.StatusOK, form.New(h.site.Printer(r), nil))
}

func (h *house) askApp(w http.ResponseWriter, r *http.Request, status int, f *form.Form) error {
	c, err := h.people.StartOwnCode(r.Context(), VisitOf(r))
	if ToProve(w, r, err, "/account/codes") {
		return nil
	}
	if err != nil {
		return err
	}
	drawn, err := picture(c)
	if err != nil {
		return err
	}
	f.Set("code", "")
	return h.app.RenderAs(w, r, status, h.site.Printer(r).T("people.app", nil), appPage{f, drawn})
}

func (h *house) setApp(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	f := form.New(h.site.Printer(r), r.PostForm)
	codes, err := h.people.SetCode(r.Context(), VisitOf(r), r.PostForm.Get("code"))
	if err == nil {
		return h.showCodes(w, r, codes, "/account")
	}
	return h.after(w, r, f, err, "/account/codes", "", func(status int) error { return h.askApp(w, r, status, f) })
}

// number reads a whole number of an address; 0 for none.
func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}
