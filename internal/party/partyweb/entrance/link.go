package entrance

import (
	"net/http"
	"net/url"

	"adamas.example/internal/fault"
	"adamas.example/internal/party/people"
	"adamas.example/internal/party/signatory"
	"adamas.example/internal/web/form"
)

// linkPage is where a one-time link leads: the person sets what he will sign in with.
type linkPage struct {
	Form     *form.Form
	Name     string
	Login    string
	Recovery bool
	Until    string
	Code     codePicture
	NeedCode bool
	Passkey  *form.Passkey
	Action   string
}

func (h *house) showLink(w http.ResponseWriter, r *http.Request) error {
	return h.askLink(w, r, http.StatusOK, form.New(h.site.Printer(r), url.Values{"passkey": {from(r).Browser()}}))
}

func (h *house) askLink(w http.ResponseWriter, r *http.Request, status int, f *form.Form) error {
	p, token := h.site.Printer(r), r.PathValue("token")
	l, err := h.people.Link(r.Context(), from(r), token)
	if err != nil {
		return err
	}
	c, err := h.people.StartCode(r.Context(), from(r), token)
	if err != nil {
		return err
	}
	data := linkPage{Form: f, Name: l.Person.Name, Login: l.Person.Login, Recovery: l.Kind == people.ForRecovery, Until: p.Time(l.Expires), Action: "/come-in/" + token,
		NeedCode: l.Person.Company == people.Company{}, Passkey: h.passkey(r, "/come-in/"+token+"/passkey", "people.passkey.make", true)}
	if data.Code, err = picture(c); err != nil {
		return err
	}
	f.Set("code", "")
	w.Header().Set("Referrer-Policy", "no-referrer") // the address is the key
	w.Header().Set("Cache-Control", "no-store")
	return h.link.RenderAs(w, r, status, p.T("people.come_in", nil), data)
}

func (h *house) startLinkPasskey(w http.ResponseWriter, r *http.Request) error {
	c, err := h.people.StartPasskey(r.Context(), from(r), r.PathValue("token"))
	return h.question(w, r, c, err)
}

func (h *house) accept(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	f := form.New(h.site.Printer(r), r.PostForm)
	entry, err := h.people.Accept(r.Context(), from(r), r.PathValue("token"), people.Factors{Password: r.PostForm.Get("password"),
		Code: r.PostForm.Get("code"), Passkey: answer(r), Name: r.PostForm.Get("passkey")})
	if err := f.Refuse(err); err != nil {
		return err
	}
	if f.Wrong() {
		return h.askLink(w, r, fault.KindOf(err).Status(), f)
	}
	admit(w, r, entry)
	if len(entry.Codes) > 0 {
		return h.showCodes(w, r, entry.Codes, h.begins(r, entry.Visit))
	}
	return h.site.Go(w, r, h.begins(r, entry.Visit), "people.said.signed_in", "name", entry.Visit.Person.Name)
}

// begins is where somebody goes who has just come in by a link: an officer without a key
// makes it now, before he needs it, since his authority has to state it first.
func (h *house) begins(r *http.Request, v people.Visit) string {
	if o, err := h.book.Of(r.Context(), v.Person.Login); err == nil && o.Lack() == signatory.NoKey {
		return "/account/key"
	}
	return h.desk(v)
}

// codesPage shows the printed codes, once.
type codesPage struct {
	Codes []string
	Next  string
}

func (h *house) showCodes(w http.ResponseWriter, r *http.Request, codes []string, next string) error {
	w.Header().Set("Cache-Control", "no-store")
	return h.codes.Render(w, r, h.site.Printer(r).T("people.codes", nil), codesPage{codes, next})
}
