// Package programs is where an administrator looks after the office's own systems: their
// access keys (package accesskey), and the addresses that are told what happens (package
// web/hook).
//
//	GET  /programs                    both lists; forms for a new one
//	POST /programs/key                make a key; the answer shows it, once
//	POST /programs/key/{id}/end
//	POST /programs/hook               name an address; the answer shows its secret
//	POST /programs/hook/{id}/end
//	GET  /programs/hook/{id}          what it was told, and what went wrong
//	POST /programs/hook/{id}/again    a message that was given up
//	POST /programs/hook/{id}/try      a message that says nothing
//
// # Invariants
//
//   - A key and a secret stand on the one page that answers their making, which no cache
//     keeps, and on no other.
//   - Who makes one has shown lately who he is; it stands in the trail.
//
// Imports: floors 0 to 2, module, web, entrance.
package programs

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"adamas.example/internal/access"
	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/internal/party/accesskey"
	"adamas.example/internal/party/partyweb/entrance"
	"adamas.example/internal/party/people"
	"adamas.example/internal/web"
	"adamas.example/internal/web/form"
	"adamas.example/internal/web/hook"
)

//go:embed text
var text embed.FS

//go:embed page
var files embed.FS

// Text is the words of the pages.
func Text() fs.FS { return text }

// manage is the permission of these pages.
const manage = "people.programs"

// Permissions are those of these pages, and of programs that have themselves told.
func Permissions() []access.Permission {
	return []access.Permission{{Name: manage, Holders: []access.Role{access.Administrator}}, {Name: listen, Holders: []access.Role{access.Validator, access.Importer, access.Administrator}}}
}

// desk is what the pages work with.
type desk struct {
	node   *module.Node
	site   *web.Site
	keys   *accesskey.Service
	hooks  *hook.Service
	people *people.Service

	list *web.View[listPage]
	made *web.View[madePage]
	sent *web.View[sentPage]
}

// Pages are the routes.
func Pages(n *module.Node, s *web.Site) (_ []module.Page, err error) {
	d := &desk{node: n, site: s}
	if d.keys, err = module.Service[*accesskey.Service](n); err != nil {
		return nil, err
	}
	if d.hooks, err = module.Service[*hook.Service](n); err != nil {
		return nil, err
	}
	if d.people, err = module.Service[*people.Service](n); err != nil {
		return nil, err
	}
	if d.list, err = web.Parse[listPage](s, files, "page/list.html", web.Options{}); err != nil {
		return nil, err
	}
	if d.made, err = web.Parse[madePage](s, files, "page/made.html", web.Options{}); err != nil {
		return nil, err
	}
	if d.sent, err = web.Parse[sentPage](s, files, "page/sent.html", web.Options{}); err != nil {
		return nil, err
	}
	page := func(pattern string, f func(http.ResponseWriter, *http.Request) error) module.Page {
		return module.Page{Pattern: pattern, Permission: manage, Handler: s.Handle(f)}
	}
	first := page("GET /programs", d.show)
	first.Menu, first.Rank = "programs.menu", 195
	return []module.Page{first, page("POST /programs/key", d.makeKey), page("POST /programs/key/{id}/end", d.endKey),
		page("POST /programs/hook", d.makeHook), page("POST /programs/hook/{id}/end", d.endHook),
		page("GET /programs/hook/{id}", d.showHook), page("POST /programs/hook/{id}/again", d.again),
		page("POST /programs/hook/{id}/try", d.try)}, nil
}

// listPage is both lists, with a form for a new one of each.
type listPage struct {
	Prove  string // where one shows who he is first; "" when that was lately
	Key    *form.Form
	Hook   *form.Form
	Roles  []form.Option
	Events []form.Option
	Keys   []keyRow
	Hooks  []hookRow
	Hints  map[string]string
}

type keyRow struct {
	ID, Name, Roles, Only, State, Used string
	Mark                               web.Mark
	Serves                             bool
	Last                               string
}

type hookRow struct {
	ID, Path, Name, URL, Events, State, Error string
	Mark                                      web.Mark
	Serves                                    bool
}

func (d *desk) show(w http.ResponseWriter, r *http.Request) error {
	p := d.site.Printer(r)
	return d.ask(w, r, http.StatusOK, form.New(p, url.Values{"days": {strconv.Itoa(accesskey.UsualDays)}}), form.New(p, nil))
}

func (d *desk) ask(w http.ResponseWriter, r *http.Request, status int, key, hooked *form.Form) error {
	p := d.site.Printer(r)
	data := listPage{Key: key, Hook: hooked, Hints: map[string]string{}}
	for _, name := range []string{"roles", "only", "company", "sandbox", "url"} {
		data.Hints[name] = p.T("programs."+name+".hint", nil)
	}
	if d.people.Fresh(entrance.VisitOf(r)) != nil {
		data.Prove = "/account/prove?next=" + url.QueryEscape("/programs")
	}
	for _, role := range accesskey.Roles() {
		data.Roles = append(data.Roles, form.Option{Value: string(role), Text: p.T("role."+string(role), nil)})
	}
	for _, e := range hook.Events() {
		data.Events = append(data.Events, form.Option{Value: string(e), Text: p.T("programs.event."+string(e), nil)})
	}
	keys, err := d.keys.List(r.Context())
	if err != nil {
		return err
	}
	for i := range keys {
		data.Keys = append(data.Keys, d.keyRow(p, &keys[i]))
	}
	hooks, err := d.hooks.List(r.Context())
	if err != nil {
		return err
	}
	for i := range hooks {
		row, err := d.hookRow(r.Context(), p, &hooks[i])
		if err != nil {
			return err
		}
		data.Hooks = append(data.Hooks, row)
	}
	return d.list.RenderAs(w, r, status, p.T("programs.title", nil), data)
}

func (d *desk) keyRow(p *lang.Printer, k *accesskey.Key) keyRow {
	row := keyRow{ID: k.ID, Name: k.Name, Roles: p.Show(k.Roles()), Only: strings.Join(k.Only, ", "), Used: p.T("programs.unused", nil), Serves: k.Serves(d.site.Now()), Mark: web.Valid,
		State: p.T("programs.until", lang.Args{"until": k.Until})}
	if k.Holder != "" {
		row.Roles += " · " + k.Holder + ", " + k.Licence
	}
	if k.Sandbox {
		row.Roles += " · " + p.T("programs.sandbox", nil)
	}
	if !k.Used.IsZero() {
		row.Used = p.Time(k.Used)
	}
	switch {
	case !k.Ended.IsZero():
		row.Mark, row.State = web.Wait, p.T("programs.ended", lang.Args{"at": k.Ended})
	case !row.Serves:
		row.Mark, row.State = web.Tell, p.T("programs.over", lang.Args{"at": k.Until})
	}
	return row
}

func (d *desk) hookRow(ctx context.Context, p *lang.Printer, h *hook.Hook) (hookRow, error) {
	row := hookRow{ID: h.ID, Path: "/programs/hook/" + h.ID, Name: h.Name, URL: h.URL, Serves: h.Ended.IsZero(), Mark: web.Valid, State: p.T("programs.hook.well", nil)}
	var names []string
	for _, e := range h.Events {
		names = append(names, p.T("programs.event."+string(e), nil))
	}
	row.Events = strings.Join(names, "; ")
	if h.Program != "" {
		row.Name += " · " + p.T("programs.hook.by_program", lang.Args{"id": h.Program})
	}
	last, err := d.hooks.Deliveries(ctx, h.ID, 0, 20)
	if err != nil {
		return row, err
	}
	for _, x := range slices.Backward(last) {
		switch {
		case x.State == "due" && x.Tries > 0:
			row.Mark, row.State, row.Error = web.Tell, p.T("programs.hook.waits", lang.Args{"at": x.Next}), x.Error
		case x.State == "given_up":
			row.Mark, row.State, row.Error = web.Invalid, p.T("programs.hook.given_up", nil), x.Error
		}
	}
	switch {
	case !row.Serves:
		row.Mark, row.State, row.Error = web.Wait, p.T("programs.ended", lang.Args{"at": h.Ended}), ""
	case len(last) == 0:
		row.Mark, row.State = web.Wait, p.T("programs.hook.nothing", nil)
	}
	return row, nil
}

// by is the visitor, for the trail.
func by(r *http.Request) accesskey.By {
	v := entrance.VisitOf(r)
	return accesskey.By{Person: v.Person.ID, Address: v.From.Address}
}

// fresh wants a proof of identity of the last minutes, and leads to where one is given.
// It has answered when it gives false.
func (d *desk) fresh(w http.ResponseWriter, r *http.Request) (bool, error) {
	err := d.people.Fresh(entrance.VisitOf(r))
	if fault.Is(err, "people.prove_again") {
		http.Redirect(w, r, "/account/prove?next="+url.QueryEscape("/programs"), http.StatusSeeOther)
		return false, nil
	}
	return err == nil, err
}

// posted reads a form of these pages.
func posted(r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.Invalid("web.form_unreadable", fault.Arg("why", err.Error()), fault.Because(err))
	}
	return nil
}

// madePage shows a key or a secret, once.
type madePage struct {
	Lead, Secret, Once, More string
}

// number reads a whole number of a form; 0 for none, -1 for what is none.
func number(s string) int {
	if s = strings.TrimSpace(s); s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil || n == 0 {
		return -1
	}
	return n
}

func (d *desk) makeKey(w http.ResponseWriter, r *http.Request) error {
	if err := posted(r); err != nil {
		return err
	}
	if ok, err := d.fresh(w, r); !ok {
		return err
	}
	p := d.site.Printer(r)
	in := accesskey.Proposal{Name: r.PostForm.Get("name"), Holder: r.PostForm.Get("holder"), Licence: r.PostForm.Get("licence"), Sandbox: r.PostForm.Get("sandbox") != "",
		Days: number(r.PostForm.Get("days")), PerMinute: number(r.PostForm.Get("per_minute"))}
	for _, role := range r.PostForm["roles"] {
		in.Roles = append(in.Roles, access.Role(role))
	}
	in.Only = strings.FieldsFunc(r.PostForm.Get("only"), func(c rune) bool { return c == ',' || c == ' ' || c == '\n' || c == '\r' })
	t, k, err := d.keys.Make(r.Context(), by(r), in)
	if err != nil {
		f := form.New(p, r.PostForm)
		if err := f.Refuse(err); err != nil {
			return err
		}
		return d.ask(w, r, http.StatusUnprocessableEntity, f, form.New(p, nil))
	}
	w.Header().Set("Cache-Control", "no-store")
	return d.made.Render(w, r, p.T("programs.key.made", nil), madePage{Lead: p.T("programs.key.made.what", lang.Args{"name": k.Name, "until": k.Until}), Secret: t.Secret(), Once: p.T("programs.key.once", nil),
		More: p.T("programs.key.more", nil)})
}

func (d *desk) endKey(w http.ResponseWriter, r *http.Request) error {
	if err := d.keys.End(r.Context(), by(r), r.PathValue("id")); err != nil && !fault.Is(err, "party.key_ended") {
		return err
	}
	return d.site.Go(w, r, "/programs", "programs.said.key_ended", "id", r.PathValue("id"))
}

func (d *desk) makeHook(w http.ResponseWriter, r *http.Request) error {
	if err := posted(r); err != nil {
		return err
	}
	if ok, err := d.fresh(w, r); !ok {
		return err
	}
	p := d.site.Printer(r)
	var events []hook.Event
	for _, e := range r.PostForm["events"] {
		events = append(events, hook.Event(e))
	}
	h, err := d.told().add(r.Context(), by(r), hook.Hook{Name: r.PostForm.Get("system"), URL: r.PostForm.Get("url"), Events: events})
	if err != nil {
		f := form.New(p, r.PostForm)
		err = atSystem(err)
		if err := f.Refuse(err); err != nil {
			return err
		}
		return d.ask(w, r, http.StatusUnprocessableEntity, form.New(p, nil), f)
	}
	w.Header().Set("Cache-Control", "no-store")
	return d.made.Render(w, r, p.T("programs.hook.made", nil), madePage{Lead: p.T("programs.hook.made.what", lang.Args{"name": h.Name, "url": h.URL}), Secret: d.hooks.Secret(h.ID), Once: p.T("programs.hook.once", nil),
		More: p.T("programs.hook.more", nil)})
}

// atSystem names the field as this page has it: the other form has a name too.
func atSystem(err error) error {
	var all fault.List
	for _, f := range fault.All(err) {
		if f.Field == "name" {
			all.Add(fault.Restate(f, fault.At("system")))
			continue
		}
		all.Add(f)
	}
	return all.Err()
}

func (d *desk) endHook(w http.ResponseWriter, r *http.Request) error {
	if err := d.told().remove(r.Context(), by(r), r.PathValue("id"), ""); err != nil {
		return err
	}
	return d.site.Go(w, r, "/programs", "programs.said.hook_ended", "id", r.PathValue("id"))
}

// told is the office's addresses.
func (d *desk) told() told { return told{d.node, d.hooks} }

// try sends a message that says nothing, so that one knows whether the address hears.
func (d *desk) try(w http.ResponseWriter, r *http.Request) error {
	if _, err := d.told().try(r.Context(), r.PathValue("id"), ""); err != nil {
		return err
	}
	return d.site.Go(w, r, "/programs/hook/"+url.PathEscape(r.PathValue("id")), "programs.said.tried")
}

// sentPage is what an address was told.
type sentPage struct {
	Name, URL, Path string
	Try             bool
	Rows            []sentRow
	Pages           web.Pages
}

type sentRow struct {
	Seq, Number, Event, Made, State, Tries, Error, ID string
	Mark                                              web.Mark
	Again                                             bool
}

// sentShown is how many messages stand on one page.
const sentShown = 50

func (d *desk) showHook(w http.ResponseWriter, r *http.Request) error {
	p := d.site.Printer(r)
	hooks, err := d.hooks.List(r.Context())
	if err != nil {
		return err
	}
	i := slices.IndexFunc(hooks, func(h hook.Hook) bool { return h.ID == r.PathValue("id") })
	if i < 0 {
		return fault.NotFound("web.hook_none", fault.Text(r.PathValue("id")))
	}
	before, err := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64)
	if r.URL.Query().Get("before") != "" && (err != nil || before < 1) {
		return fault.Invalid("web.delivery_none", fault.Arg("number", r.URL.Query().Get("before")), fault.Because(errors.Join(err)))
	}
	all, err := d.hooks.Deliveries(r.Context(), hooks[i].ID, before, sentShown+1)
	if err != nil {
		return err
	}
	data := sentPage{Name: hooks[i].Name, URL: hooks[i].URL, Path: "/programs/hook/" + hooks[i].ID, Try: hooks[i].Ended.IsZero()}
	older, newer := "", ""
	if len(all) > sentShown {
		all = all[:sentShown]
		older = strconv.FormatInt(all[sentShown-1].Seq, 10)
	}
	if before > 0 {
		newer = "0"
	}
	for _, x := range all {
		row := sentRow{Seq: strconv.FormatInt(x.Seq, 10), Number: p.Number(x.Seq), Event: p.T("programs.event."+string(x.Event), nil), Made: p.Time(x.Made), State: p.T("programs.delivery."+x.State, nil), Tries: p.Number(x.Tries), Error: x.Error, ID: x.ID, Mark: web.Valid,
			Again: (x.State == "given_up" || x.State == "due" && x.Tries > 0) && hooks[i].Ended.IsZero()}
		switch x.State {
		case "due":
			row.Mark = web.Wait
		case "given_up":
			row.Mark = web.Invalid
		}
		data.Rows = append(data.Rows, row)
	}
	data.Pages = web.Newer(p, r.URL, "before", newer, older)
	return d.sent.Render(w, r, p.T("programs.sent.title", lang.Args{"name": hooks[i].Name}), data)
}

func (d *desk) again(w http.ResponseWriter, r *http.Request) error {
	if err := posted(r); err != nil {
		return err
	}
	seq, err := strconv.ParseInt(r.PostForm.Get("seq"), 10, 64)
	if err != nil {
		return fault.Invalid("web.delivery_none", fault.Arg("number", r.PostForm.Get("seq")), fault.Because(err))
	}
	if err := d.hooks.Again(r.Context(), r.PathValue("id"), seq); err != nil {
		return err
	}
	return d.site.Go(w, r, "/programs/hook/"+url.PathEscape(r.PathValue("id")), "programs.said.again", "number", strconv.FormatInt(seq, 10))
}
