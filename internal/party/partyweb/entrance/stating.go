package entrance

import (
	"io"
	"net/http"
	"net/url"
	"path/filepath"

	"adamas.example/internal/fault"
	"adamas.example/internal/keyring/keyringweb"
	"adamas.example/internal/module"
	"adamas.example/internal/web/form"
)

// keysPath is where an administrator sees whose keys the authority has yet to state.
const keysPath = "/people/keys"

// authorityFolder holds the authority's keys in a node's folder where a trial or the first
// run has made them (package setup, which stands above this one). A real authority keeps
// them in its own house.
const authorityFolder = "authority"

// statingPage lists officers' keys.
type statingPage struct {
	Form    *form.Form
	Rows    []statingRow
	Waiting []form.Option
	Here    bool // the authority's keys lie at this node
}

type statingRow struct {
	Login, Name, Groups, Stated string
	Command                     string // for the authority; "" when it has stated the key
}

func (h *house) authority() string { return filepath.Join(h.node.Dir, authorityFolder) }

func (h *house) showKeys(w http.ResponseWriter, r *http.Request) error {
	now := h.now()
	return h.askKeys(w, r, http.StatusOK, form.New(h.site.Printer(r), url.Values{"from": {day(now)}, "until": {day(now.AddDate(1, 0, 0))}}))
}

func (h *house) askKeys(w http.ResponseWriter, r *http.Request, status int, f *form.Form) error {
	p, ctx := h.site.Printer(r), r.Context()
	everybody, err := h.people.Everybody(ctx)
	if err != nil {
		return err
	}
	names := map[string]string{}
	for _, who := range everybody {
		names[who.Login] = who.Name
	}
	all, err := h.statements(ctx)
	if err != nil {
		return err
	}
	data := statingPage{Form: f, Here: keyringweb.AuthorityAt(h.authority()) != ""}
	for _, o := range h.keys.All() {
		row := statingRow{Login: o.Login, Name: names[o.Login], Groups: inFours(o.Key.String())}
		waiting := false
		if row.Stated, waiting = h.standing(p, all, o.Key); waiting {
			data.Waiting = append(data.Waiting, form.Option{Value: o.Login, Text: o.Login + " · " + row.Groups})
			row.Command = "adamas keys appoint --node " + "NODE --dir KEYS --key authority --card " + o.Login + ".pub --office " + h.node.Office + " --until " + day(h.now().AddDate(1, 0, 0)) + " --apply"
		}
		data.Rows = append(data.Rows, row)
	}
	f.Set("passphrase", "")
	return h.stated.RenderAs(w, r, status, p.T("people.signkeys", nil), data)
}

// appoint has the authority, whose keys lie here, state an officer's key, just as adamas
// keys appoint does.
func (h *house) appoint(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	p, ctx, v := h.site.Printer(r), r.Context(), VisitOf(r)
	f := form.New(p, r.PostForm)
	err := h.people.Fresh(v)
	if err == nil {
		err = h.state(r)
	}
	if err == nil {
		login := r.PostForm.Get("login")
		everybody, listed := h.people.Everybody(ctx)
		err = listed
		for _, who := range everybody {
			if o, found := h.keys.Of(login); found == nil && who.Login == login {
				err = h.people.KeyAppointed(ctx, v, who.ID, o.Key.String(), r.PostForm.Get("until"))
			}
		}
	}
	return h.after(w, r, f, err, keysPath, "people.said.stated", func(status int) error { return h.askKeys(w, r, status, f) })
}

func (h *house) state(r *http.Request) error {
	if keyringweb.AuthorityAt(h.authority()) == "" {
		return fault.NotFound("people.authority_elsewhere")
	}
	card, err := h.keys.Card(r.PostForm.Get("login"))
	if err != nil {
		return fault.Restate(err, fault.At("login"))
	}
	b, err := card.Encode()
	if err != nil {
		return err
	}
	env := &module.Env{Context: r.Context(), Out: io.Discard, Err: io.Discard, Now: h.now, Getenv: func(string) string { return "" }, Words: h.site.Printer(r)}
	return keyringweb.AppointOfficer(env, h.node, keyringweb.OfficerAct{Dir: h.authority(), Passphrase: r.PostForm.Get("passphrase"), Card: b,
		From: r.PostForm.Get("from"), Until: r.PostForm.Get("until")})
}
