package entrance

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/party/people"
	"adamas.example/internal/web/form"
)

func queryEscape(s string) string { return url.QueryEscape(s) }

type signInPage struct {
	Form    *form.Form
	Next    string
	Passkey *form.Passkey
	Cast    []castRow // of a demonstration
}

// passkey offers a passkey; where none can be had it says why, and where there would be.
func (h *house) passkey(r *http.Request, start, label string, create bool) *form.Passkey {
	p, ask := h.site.Printer(r), form.Passkey{Start: start, Create: create}
	ask.Label, ask.Noted, ask.Failed = p.T(label, nil), p.T("people.passkey.noted", nil), p.T("people.passkey.failed", nil)
	switch origins := h.people.Origins(); {
	case len(origins) == 0:
		ask.Refused, ask.Noted = true, p.T("people.passkey.no_https", nil)
	case slices.Contains(origins, originOf(r)):
	case local(strings.TrimPrefix(strings.TrimPrefix(origins[0], "http://"), "https://")) && !local(r.Host):
		ask.Refused, ask.Noted = true, p.T("people.passkey.no_name", nil)
	default:
		ask.Refused, ask.Noted, ask.Elsewhere = true, p.T("people.passkey.elsewhere", nil), origins[0]
	}
	return &ask
}

// originOf is the address that a browser has opened (RFC 6454 §4).
func originOf(r *http.Request) string {
	scheme := "http"
	if secure(r) {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}

func (h *house) showSignIn(w http.ResponseWriter, r *http.Request) error {
	next := r.URL.Query().Get("next")
	if VisitOf(r).Person.ID != "" {
		http.Redirect(w, r, onwards(next, h.desk(VisitOf(r))), http.StatusSeeOther)
		return nil
	}
	return h.askSignIn(w, r, http.StatusOK, form.New(h.site.Printer(r), nil), next)
}

func (h *house) askSignIn(w http.ResponseWriter, r *http.Request, status int, f *form.Form, next string) error {
	p := h.site.Printer(r)
	w.Header().Set("Cache-Control", "no-store")
	f.Set("code", "") // each serves once
	return h.signIn.RenderAs(w, r, status, p.T("people.sign_in", nil), signInPage{Form: f, Next: onwards(next, ""), Cast: h.offeredCast(r, p), Passkey: h.passkey(r, "/sign-in/passkey", "people.passkey.use", false)})
}

// doSignIn takes a password, or the answer of a passkey.
func (h *house) doSignIn(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	f := form.New(h.site.Printer(r), r.PostForm)
	entry, err := h.signedIn(r)
	if err := f.Refuse(err); err != nil {
		return err
	}
	if f.Wrong() {
		return h.askSignIn(w, r, fault.KindOf(err).Status(), f, r.PostForm.Get("next"))
	}
	return h.admitted(w, r, entry)
}

// admitted sends on who has signed in. The token is a new one each time: whatever cookie
// the browser brought serves no more.
func (h *house) admitted(w http.ResponseWriter, r *http.Request, entry people.Entry) error {
	admit(w, r, entry)
	return h.site.Go(w, r, onwards(r.PostForm.Get("next"), h.desk(entry.Visit)), "people.said.signed_in", "name", entry.Visit.Person.Name)
}

func (h *house) signedIn(r *http.Request) (people.Entry, error) {
	if a := answer(r); len(a.Response) > 0 {
		return h.people.PasskeySignIn(r.Context(), from(r), a)
	}
	return h.people.SignIn(r.Context(), from(r), people.Typed{Login: r.PostForm.Get("login"), Password: r.PostForm.Get("password"), Code: r.PostForm.Get("code")})
}

// answer is what an authenticator has answered, as the script has put it into the form.
func answer(r *http.Request) people.Answer {
	return people.Answer{ID: r.PostForm.Get(form.Ceremony), Response: []byte(r.PostForm.Get(form.Answer))}
}

// parse reads a posted form, also one that carries files.
func parse(r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.Invalid("web.form_unreadable", fault.Arg("why", "not a form"), fault.Because(err))
	}
	return nil
}

// question gives the script what to ask the authenticator.
func question(w http.ResponseWriter, p *lang.Printer, c people.Ceremony, err error) error {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "application/json")
	var answer any = map[string]any{"id": c.ID, "options": json.RawMessage(c.Options)}
	if err != nil {
		if _, told := fault.Of(err); !told {
			return err
		}
		w.WriteHeader(fault.KindOf(err).Status())
		answer = map[string]string{"error": p.Explain(err, "-")[0].Text}
	}
	return json.NewEncoder(w).Encode(answer)
}

func (h *house) question(w http.ResponseWriter, r *http.Request, c people.Ceremony, err error) error {
	return question(w, h.site.Printer(r), c, err)
}

func (h *house) startSignIn(w http.ResponseWriter, r *http.Request) error {
	c, err := h.people.StartPasskeySignIn(r.Context(), from(r))
	return h.question(w, r, c, err)
}

func (h *house) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := h.people.SignOut(r.Context(), VisitOf(r)); err != nil && !fault.Is(err, "people.session_over") {
		return err
	}
	leave(w, r)
	return h.site.Go(w, r, "/", "people.said.signed_out")
}

// provePage asks who has signed in to show once more who he is.
type provePage struct {
	Form    *form.Form
	Next    string
	Passkey *form.Passkey
	Lent    string // by whom a demonstration can confirm; "" for nobody
}

func (h *house) showProve(w http.ResponseWriter, r *http.Request) error {
	return h.askProve(w, r, http.StatusOK, form.New(h.site.Printer(r), nil), r.URL.Query().Get("next"))
}

func (h *house) askProve(w http.ResponseWriter, r *http.Request, status int, f *form.Form, next string) error {
	p := h.site.Printer(r)
	f.Set("code", "")
	lent, _ := h.lent(r, VisitOf(r).Person.Login)
	return h.prove.RenderAs(w, r, status, p.T("people.prove", nil), provePage{Form: f, Next: onwards(next, "/account"), Lent: lent.Name,
		Passkey: h.passkey(r, "/account/prove/passkey", "people.passkey.use", false)})
}

func (h *house) startProve(w http.ResponseWriter, r *http.Request) error {
	c, err := h.people.StartProof(r.Context(), VisitOf(r))
	return h.question(w, r, c, err)
}

func (h *house) doProve(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	f := form.New(h.site.Printer(r), r.PostForm)
	var err error
	if a := answer(r); len(a.Response) > 0 {
		_, err = h.people.Proof(r.Context(), VisitOf(r), a)
	} else {
		err = h.people.Prove(r.Context(), VisitOf(r), r.PostForm.Get("password"), r.PostForm.Get("code"))
	}
	return h.proved(w, r, f, err)
}

// proved sends on who has shown who he is, or asks again.
func (h *house) proved(w http.ResponseWriter, r *http.Request, f *form.Form, err error) error {
	if err := f.Refuse(err); err != nil {
		return err
	}
	if f.Wrong() {
		return h.askProve(w, r, fault.KindOf(err).Status(), f, r.PostForm.Get("next"))
	}
	return h.site.Go(w, r, onwards(r.PostForm.Get("next"), "/account"), "people.said.proved")
}

// lostPage is for who has lost what he signs in with.
type lostPage struct {
	Form *form.Form
	Done bool
}

func (h *house) showLost(w http.ResponseWriter, r *http.Request) error {
	p := h.site.Printer(r)
	return h.lost.Render(w, r, p.T("people.lost", nil), lostPage{Form: form.New(p, nil)})
}

// askRecovery answers the same whether the login is somebody's or not.
func (h *house) askRecovery(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	p := h.site.Printer(r)
	f := form.New(p, r.PostForm)
	err := h.people.AskRecovery(r.Context(), from(r), r.PostForm.Get("login"))
	if err := f.Refuse(err); err != nil {
		return err
	}
	status := http.StatusOK
	if f.Wrong() {
		status = fault.KindOf(err).Status()
	}
	return h.lost.RenderAs(w, r, status, p.T("people.lost", nil), lostPage{Form: f, Done: !f.Wrong()})
}
