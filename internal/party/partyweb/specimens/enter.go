package specimens

import (
	"crypto/rand"
	"net/http"
	"strings"

	"adamas.example/data"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/party"
	"adamas.example/internal/party/specimen"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/internal/web"
	"adamas.example/internal/web/form"
)

// formPage is where a specimen is entered.
type formPage struct {
	Form     *form.Form
	Action   string
	Kinds    []form.Option
	Codes    []form.Option
	Replaces string // name of what it takes the place of; "" for a new one
	Back     string
	Hint     string // of the pictures
}

// published are the Participants that ever took part, whose papers there can be.
var published = func() []ident.ParticipantCode {
	scheme, err := party.Load(data.FS, nil)
	if err != nil {
		panic(err) // embedded, and held by tests of package party
	}
	return scheme.Register.Codes()
}()

// codes are all Participants by name, in the order of the language.
func codes(p *lang.Printer) (out []form.Option) {
	for _, code := range published {
		out = append(out, form.Option{Value: string(code), Text: p.Participant(code)})
	}
	lang.Sort(p, out, func(o form.Option) string { return o.Text })
	return out
}

// typed is a draft as the page sends it.
type typed struct {
	specimen.Draft
	Why string `json:"why"`
}

func (h *shelf) showNew(w http.ResponseWriter, r *http.Request) error {
	return h.ask(w, r, http.StatusOK, form.New(h.site.Printer(r), nil), nil)
}

func (h *shelf) ask(w http.ResponseWriter, r *http.Request, code int, f *form.Form, before *specimen.Specimen) error {
	p := h.site.Printer(r)
	data := formPage{Form: f, Action: "/specimens/new", Back: "/specimens", Kinds: form.Options(p, specimen.Kinds()...), Codes: codes(p),
		Hint: p.T("specimens.f.pictures.hint", lang.Args{"most": specimen.MostPictures, "size": specimen.MostPicture >> 20})}
	title := p.T("specimens.new", nil)
	if before != nil {
		data.Replaces, data.Back = before.Name, "/specimens/"+string(before.ID)
		data.Action = data.Back + "/replace"
		data.Hint = p.T("specimens.f.pictures.same", nil)
		title = p.T("specimens.replace", lang.Args{"name": before.Name})
	}
	w.Header().Set("Cache-Control", "private, no-store")
	return h.form.RenderAs(w, r, code, title, data)
}

// take reads a posted specimen.
func (h *shelf) take(w http.ResponseWriter, r *http.Request) (*form.Form, typed, [][]byte, error) {
	sent, err := form.Receive(w, r)
	if err != nil {
		return form.New(h.site.Printer(r), sent.Values), typed{}, nil, err
	}
	sent.Values.Set("features", strings.ReplaceAll(sent.Values.Get("features"), "\r\n", "\n"))
	d, err := form.Values[typed](sent.Values)
	return form.New(h.site.Printer(r), sent.Values), d, sent.Contents("pictures"), err
}

func (h *shelf) enter(w http.ResponseWriter, r *http.Request) error {
	f, d, pictures, err := h.take(w, r)
	var id ident.RecordID
	if err == nil {
		err = h.write(r, func(tx *store.Tx) (err error) {
			id, err = specimen.Enter(tx, rand.Reader, web.VisitorOf(r.Context()).Login, d.Draft, pictures)
			return err
		})
	}
	if err == nil {
		return h.site.Go(w, r, "/specimens/"+string(id), "specimens.said.entered")
	}
	if err := f.Refuse(err); err != nil {
		return err
	}
	return h.ask(w, r, fault.KindOf(err).Status(), f, nil)
}

// kept is the form with what a specimen says.
func (h *shelf) kept(r *http.Request, s *specimen.Specimen) *form.Form {
	f := form.New(h.site.Printer(r), nil)
	for name, value := range map[string]string{"participant": string(s.Participant), "kind": string(s.Kind), "name": s.Name, "from": s.Days.From.String(), "features": s.Features, "source": s.Source} {
		f.Set(name, value)
	}
	if d, ok := last(s).(period.Date); ok {
		f.Set("until", d.String())
	}
	if !s.Restricted {
		f.Set("open", "yes")
	}
	return f
}

func (h *shelf) showReplace(w http.ResponseWriter, r *http.Request) error {
	s, err := h.get(r)
	if err != nil {
		return err
	}
	return h.ask(w, r, http.StatusOK, h.kept(r, s), s)
}

func (h *shelf) replace(w http.ResponseWriter, r *http.Request) error {
	s, err := h.get(r)
	if err != nil {
		return err
	}
	f, d, pictures, err := h.take(w, r)
	var id ident.RecordID
	if err == nil {
		err = h.write(r, func(tx *store.Tx) (err error) {
			id, err = specimen.Replace(tx, rand.Reader, web.VisitorOf(r.Context()).Login, s.ID, d.Draft, pictures, oneLine(d.Why))
			return err
		})
	}
	if err == nil {
		return h.site.Go(w, r, "/specimens/"+string(id), "specimens.said.replaced")
	}
	if err := f.Refuse(err); err != nil {
		return err
	}
	return h.ask(w, r, fault.KindOf(err).Status(), f, s)
}

func (h *shelf) withdraw(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.Invalid("web.form_broken", fault.Because(err))
	}
	err := h.write(r, func(tx *store.Tx) error {
		return specimen.Withdraw(tx, web.VisitorOf(r.Context()).Login, ident.RecordID(r.PathValue("id")), oneLine(r.PostForm.Get("why")))
	})
	if err == nil {
		return h.site.Go(w, r, "/specimens/"+r.PathValue("id"), "specimens.said.withdrawn")
	}
	f := form.New(h.site.Printer(r), r.PostForm)
	if err := f.Refuse(err); err != nil {
		return err
	}
	return h.renderOne(w, r, fault.KindOf(err).Status(), f)
}

// oneLine is a reason without line breaks.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
