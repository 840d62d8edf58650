package entrance

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"adamas.example/internal/access"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/party/people"
	"adamas.example/internal/party/people/roster"
	"adamas.example/internal/web/form"
	"adamas.example/verify/statement"
)

// listPage is everybody at the office.
type listPage struct {
	Form       *form.Form
	People     []personRow
	Alone      bool   // one administrator, so that nobody can be let in again here
	KeysDue    string // how many officers' keys wait for the authority
	Recoveries []recoveryRow
}

type personRow struct {
	Path, Name, Login, Company, State string
	Roles                             []string
	Factors                           []string
}

type recoveryRow struct {
	ID, Name, Login, Asked, Address, Until string
	First                                  string // who approved first
}

func (h *house) showPeople(w http.ResponseWriter, r *http.Request) error {
	return h.askPeople(w, r, http.StatusOK, form.New(h.site.Printer(r), nil))
}

func (h *house) askPeople(w http.ResponseWriter, r *http.Request, status int, f *form.Form) error {
	p, v, ctx := h.site.Printer(r), VisitOf(r), r.Context()
	all, err := h.people.People(ctx, v)
	if err != nil {
		return err
	}
	data := listPage{Form: f}
	administrators := 0
	for _, who := range all {
		data.People = append(data.People, rowOf(p, who))
		if who.Holds(access.Administrator) && who.State != people.Ended {
			administrators++
		}
	}
	data.Alone = administrators < 2
	signers, err := h.book.Officers(ctx)
	if err != nil {
		return err
	}
	due := 0
	for i := range signers {
		if signers[i].Due() {
			due++
		}
	}
	if due > 0 {
		data.KeysDue = p.T("people.keys.due", lang.Args{"count": due})
	}
	waiting, err := h.people.Recoveries(ctx, v)
	if err != nil {
		return err
	}
	names, err := h.people.Names(ctx)
	if err != nil {
		return err
	}
	for _, q := range waiting {
		data.Recoveries = append(data.Recoveries, recoveryRow{ID: string(q.ID), Name: q.Person.Name, Login: q.Person.Login, Asked: p.Time(q.Asked),
			Address: q.Address, Until: p.Time(q.Expires), First: names[q.First]})
	}
	return h.list.RenderAs(w, r, status, p.T("people.title", nil), data)
}

func rowOf(p *lang.Printer, who people.Person) personRow {
	row := personRow{Path: "/people/" + string(who.ID), Name: who.Name, Login: who.Login, State: p.T("people.state."+string(who.State), nil), Roles: rolesOf(p, who)}
	if who.Company != (people.Company{}) {
		row.Company = who.Company.Holder + ", " + who.Company.Licence
	}
	for _, factor := range []struct {
		has bool
		key string
	}{{who.Password, "people.factor.password"}, {who.Code, "people.factor.code"}, {who.Passkeys > 0, "people.factor.passkey"}} {
		if factor.has {
			row.Factors = append(row.Factors, p.T(factor.key, nil))
		}
	}
	return row
}

// offered are the roles that an administrator of the office can give, each as far as it
// has to reach.
func (h *house) offered(p *lang.Printer, v people.Visit) (out []form.Option) {
	for _, role := range access.Roles() {
		if g, ok := h.grant(v, role); ok {
			hint := ""
			if g.Office == "" {
				hint = p.T("people.whole_participant", lang.Args{"participant": g.Participant})
			}
			out = append(out, form.Option{Value: string(role), Text: p.T("role."+string(role), nil), Hint: hint})
		}
	}
	return out
}

// grant is a role as the visitor gives it: at this office, or at its Participant where
// it reaches no less and he administers all of that.
func (h *house) grant(v people.Visit, role access.Role) (access.Grant, bool) {
	g, err := access.GrantAt(role, h.site.Office())
	return g, err == nil && roster.MayGive(v.Person, []access.Grant{g}) == nil
}

// proposal reads an account from a form. Roles of elsewhere that the person has already
// stay: this page neither shows nor takes them.
func (h *house) proposal(r *http.Request, has []access.Grant) people.Proposal {
	in := people.Proposal{Login: r.PostForm.Get("login"), Name: r.PostForm.Get("name"), Language: lang.Language(r.PostForm.Get("language")),
		Company: people.Company{Holder: r.PostForm.Get("holder"), Licence: r.PostForm.Get("licence")}}
	for _, g := range has {
		if here, ok := h.grant(VisitOf(r), g.Role); !ok || here != g {
			in.Grants = append(in.Grants, g)
		}
	}
	for _, name := range r.PostForm["grants"] {
		if g, ok := h.grant(VisitOf(r), access.Role(name)); ok {
			in.Grants = append(in.Grants, g)
		}
	}
	return in
}

func languages(p *lang.Printer) (out []form.Option) {
	for _, l := range lang.Languages() {
		out = append(out, form.Option{Value: string(l), Text: p.T("people.language."+languageKey(string(l)), nil)})
	}
	return append(out, form.Option{Value: string(lang.Brazilian), Text: p.T("people.language."+languageKey(string(lang.Brazilian)), nil)})
}

// languageKey is a language in keys of the catalogue.
func languageKey(l string) string {
	if l == string(lang.Brazilian) {
		return "br"
	}
	return l
}

// accountForm is what an office keeps of a person, to fill in.
type accountForm struct {
	Form                              *form.Form
	Login                             string // "" while it is not given for ever
	Roles, Languages                  []form.Option
	LoginHint, RolesHint, CompanyHint string
}

func (h *house) accountForm(p *lang.Printer, v people.Visit, f *form.Form) accountForm {
	return accountForm{Form: f, Roles: h.offered(p, v), Languages: languages(p), LoginHint: p.T("people.login.hint", nil),
		RolesHint: p.T("people.roles.hint", nil), CompanyHint: p.T("people.company.hint", nil)}
}

// invitePage asks for a new person.
type invitePage struct {
	Form    *form.Form
	Account accountForm
}

func (h *house) showInvite(w http.ResponseWriter, r *http.Request) error {
	p := h.site.Printer(r)
	return h.askInvite(w, r, http.StatusOK, form.New(p, url.Values{"language": {string(p.Language())}}))
}

func (h *house) askInvite(w http.ResponseWriter, r *http.Request, status int, f *form.Form) error {
	p := h.site.Printer(r)
	return h.invite.RenderAs(w, r, status, p.T("people.invite", nil), invitePage{f, h.accountForm(p, VisitOf(r), f)})
}

func (h *house) doInvite(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	f := form.New(h.site.Printer(r), r.PostForm)
	in := h.proposal(r, nil)
	token, err := h.people.Invite(r.Context(), VisitOf(r), in)
	if err == nil {
		return h.showMade(w, r, in.Name, token)
	}
	return h.after(w, r, f, err, "/people/invite", "", func(status int) error { return h.askInvite(w, r, status, f) })
}

// madePage shows a one-time link, once.
type madePage struct{ Name, Link string }

func (h *house) showMade(w http.ResponseWriter, r *http.Request, name, token string) error {
	scheme := "http://"
	if secure(r) {
		scheme = "https://"
	}
	w.Header().Set("Cache-Control", "no-store")
	return h.made.Render(w, r, h.site.Printer(r).T("people.made", nil), madePage{name, scheme + r.Host + "/come-in/" + token})
}

// personPage is one account.
type personPage struct {
	Form      *form.Form
	Person    personRow
	ID        string
	State     people.State
	Self      bool
	Sessions  []sessionRow
	Account   accountForm
	Elsewhere []string // roles that are not this office's to give
	KeyRows   []keyRow // those kept, and one to fill in
	KeyTold   string   // what lacks before he can sign, or what is to be done with his key
	KeyPath   string
	Trail     []trailRow
}

type keyRow struct{ ID, Kind string }

func (h *house) showPerson(w http.ResponseWriter, r *http.Request) error {
	return h.askPerson(w, r, http.StatusOK, nil)
}

// askPerson shows an account; f is what was typed, nil for what is kept.
func (h *house) askPerson(w http.ResponseWriter, r *http.Request, status int, f *form.Form) error {
	p, v, ctx := h.site.Printer(r), VisitOf(r), r.Context()
	who, err := h.people.One(ctx, v, ident.RecordID(r.PathValue("id")))
	if err != nil {
		return err
	}
	data := personPage{Form: f, Person: rowOf(p, who), ID: string(who.ID), State: who.State, Self: who.ID == v.Person.ID}
	if f == nil {
		data.Form = h.kept(p, v, who)
	}
	data.Account = h.accountForm(p, v, data.Form)
	data.Account.Login = who.Login
	told, o, err := h.keyTold(r, who.Login)
	if err != nil {
		return err
	}
	switch {
	case o.Due() && !o.Statable(): // he has left, or does other work
		data.KeyTold, data.KeyPath = p.T("people.key.counts", nil), "/people/keys?revoke="+o.Key+"#revoke"
	case o.Role && who.State == people.Active:
		data.KeyTold = told
		if o.Due() {
			data.KeyPath = "/people/keys?of=" + o.Key + "#state"
		}
	}
	for _, k := range who.Keys {
		data.KeyRows = append(data.KeyRows, keyRow{k.ID.String(), string(k.Kind)})
	}
	data.KeyRows = append(data.KeyRows, keyRow{Kind: string(people.InPasskey)})
	for _, g := range who.Grants {
		if here, ok := h.grant(v, g.Role); !ok || here != g {
			data.Elsewhere = append(data.Elsewhere, rolesOf(p, people.Person{Grants: []access.Grant{g}})...)
		}
	}
	sessions, err := h.people.SessionsOf(ctx, v, who.ID)
	if err != nil {
		return err
	}
	data.Sessions = sessionRows(p, sessions, v.Session.ID)
	page, err := h.people.Trail(ctx, v, people.TrailWanted{Person: who.ID})
	if err != nil {
		return err
	}
	if data.Trail, err = h.trailRows(ctx, p, page.Rows[:min(len(page.Rows), 12)]); err != nil {
		return err
	}
	return h.person.RenderAs(w, r, status, who.Name, data)
}

// kept is a form with what the office has of a person.
func (h *house) kept(p *lang.Printer, v people.Visit, who people.Person) *form.Form {
	values := map[string][]string{"login": {who.Login}, "name": {who.Name}, "language": {string(who.Language)},
		"holder": {who.Company.Holder}, "licence": {who.Company.Licence}}
	for _, g := range who.Grants {
		if here, ok := h.grant(v, g.Role); ok && here == g {
			values["grants"] = append(values["grants"], string(g.Role))
		}
	}
	return form.New(p, values)
}

// changePerson does one of the things that the page of an account offers.
func (h *house) changePerson(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	ctx, v, p := r.Context(), VisitOf(r), h.site.Printer(r)
	id, reason := ident.RecordID(r.PathValue("id")), r.PostForm.Get("reason")
	who, err := h.people.One(ctx, v, id)
	if err != nil {
		return err
	}
	var token string
	said := "people.said.changed"
	switch r.PostForm.Get("act") {
	case "change":
		err = h.people.Change(ctx, v, id, h.proposal(r, who.Grants))
	case "keys":
		var keys []people.SigningKey
		if keys, err = signingKeys(r.PostForm["key"], r.PostForm["kind"]); err == nil {
			err = h.people.SetKeys(ctx, v, id, keys)
		}
	case "suspend":
		err = h.people.Suspend(ctx, v, id, reason)
	case "resume":
		err = h.people.Resume(ctx, v, id, reason)
	case "close":
		err = h.people.End(ctx, v, id, reason)
	case "end":
		err = h.people.EndSession(ctx, v, ident.RecordID(r.PostForm.Get("id")))
		said = "people.said.ended"
	case "again":
		token, err = h.people.InviteAgain(ctx, v, id)
	case "withdraw":
		if err = h.people.Withdraw(ctx, v, id); err == nil {
			return h.site.Go(w, r, "/people", "people.said.withdrawn", "name", who.Name)
		}
	default:
		return fault.Invalid("people.no_act")
	}
	if err == nil && token != "" {
		return h.showMade(w, r, who.Name, token)
	}
	f := form.New(p, r.PostForm)
	return h.after(w, r, f, err, "/people/"+string(id), said, func(status int) error {
		if r.PostForm.Get("act") != "change" {
			wrong := f
			f = h.kept(p, v, who)
			f.Take(wrong)
			f.Set("reason", reason)
		}
		return h.askPerson(w, r, status, f)
	})
}

// signingKeys reads the keys by which an officer approves; empty rows are none.
func signingKeys(ids, kinds []string) (out []people.SigningKey, err error) {
	for i, text := range ids {
		if text == "" || i >= len(kinds) {
			continue
		}
		var id statement.KeyID
		if err := id.UnmarshalText([]byte(strings.TrimSpace(text))); err != nil {
			return nil, fault.Invalid("people.key_kind", fault.At("key"), fault.Because(err))
		}
		out = append(out, people.SigningKey{ID: id, Kind: people.KeyKind(kinds[i])})
	}
	return out, nil
}

// decideRecovery approves or refuses a request to be let in again.
func (h *house) decideRecovery(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	ctx, v, id := r.Context(), VisitOf(r), ident.RecordID(r.PathValue("id"))
	var token string
	var err error
	said := "people.said.refused"
	if r.PostForm.Get("act") == "approve" {
		token, err = h.people.ApproveRecovery(ctx, v, id)
		said = "people.said.approved"
	} else {
		err = h.people.RefuseRecovery(ctx, v, id, r.PostForm.Get("reason"))
	}
	if err == nil && token != "" {
		return h.showMade(w, r, r.PostForm.Get("name"), token)
	}
	f := form.New(h.site.Printer(r), r.PostForm)
	return h.after(w, r, f, err, "/people", said, func(status int) error { return h.askPeople(w, r, status, f) })
}

// rolesPage is the printed matrix: every permission, and who holds it.
type rolesPage struct {
	Roles []string
	Rows  []rightRow
}

type rightRow struct {
	Name  string
	Cells []rightCell
}

type rightCell struct{ Sign, Words string }

func (h *house) showRoles(w http.ResponseWriter, r *http.Request) error {
	p := h.site.Printer(r)
	data := rolesPage{}
	all := access.Roles()
	for _, role := range all {
		data.Roles = append(data.Roles, p.T("role."+string(role), nil))
	}
	for _, right := range h.site.Rights() {
		row := rightRow{Name: p.T("right."+right.Name, nil)}
		for _, role := range all {
			cell := rightCell{Words: p.T("people.right.no", nil)}
			if slices.Contains(right.Holders, role) {
				cell = rightCell{"●", p.T("people.right.office", nil)}
				if right.Anywhere {
					cell.Words = p.T("people.right.anywhere", nil)
				}
			}
			row.Cells = append(row.Cells, cell)
		}
		data.Rows = append(data.Rows, row)
	}
	return h.roles.Render(w, r, p.T("people.roles", nil), data)
}
