package issuing

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/keyring/officers"
	"adamas.example/internal/lang"
	"adamas.example/internal/sheet"
	"adamas.example/internal/store"
	"adamas.example/internal/web"
	"adamas.example/internal/web/form"
)

// listPage is the work list.
type listPage struct {
	Views   []web.Choice
	Lead    string
	Query   string
	Nothing string // of a number that nobody has
	To      []form.Option
	Newest  bool
	View    string
	Grid    grid
	Pages   web.Pages
	CSV     string
	XLSX    string
	AsOf    string
}

// perPage is how many consignments a page of the list shows; mostSent how many a file
// holds that is taken away.
const (
	perPage  = 50
	mostSent = 10_000
)

// views are the lists, in their order.
var views = []string{"mine", "waiting", "overdue", "out", "ended"}

// asked is which list was asked for.
type asked struct {
	view   string
	to     ident.ParticipantCode
	newest bool
	after  consignment.Place
	roles  access.RoleList
	login  string
	own    string // the visitor's key id; "" for none
}

func (d *desk) asked(r *http.Request) (a asked, err error) {
	q := r.URL.Query()
	a = asked{view: q.Get("view"), newest: q.Get("order") == "newest", roles: d.roles(r), login: web.VisitorOf(r.Context()).Login}
	if !slices.Contains(views, a.view) {
		a.view = views[0]
	}
	if to := q.Get("to"); to != "" {
		if a.to, err = ident.ParseParticipant(to); err != nil {
			return a, fault.Locate(err, fault.At("to"))
		}
	}
	if o, err := d.officers.Of(a.login); err == nil {
		a.own = o.Key.String()
	}
	a.after, err = placeOf(q.Get("after"))
	return a, err
}

// query is a page of it, of so many.
func (a *asked) query(now time.Time, most int) consignment.Query {
	q := consignment.Query{Counterpart: a.to, Login: a.login, Newest: a.newest, After: a.after, Most: most}
	for _, s := range consignment.OfExport() {
		f, waits := consignment.Follows(s)
		mine := waits && slices.ContainsFunc(f.Who, func(r access.Role) bool { return slices.Contains(a.roles, r) })
		in := false
		switch a.view {
		case "mine":
			in, q.Whose = mine, consignment.Free
		case "waiting":
			in = waits && s != consignment.Expired
		case "overdue":
			in = s == consignment.Overdue || s == consignment.Expired
		case "out":
			in = s == consignment.Exported || s == consignment.Overdue || s == consignment.Disputed
		default:
			in = !waits && s != consignment.Exported && s != consignment.Overdue && s != consignment.Disputed || s == consignment.Expired
		}
		if in {
			q.States = append(q.States, s)
		}
	}
	if a.view == "ended" {
		q.Newest = true
	}
	return q
}

// listed is a row with what has to be asked for each.
type listed struct {
	consignment.Listed
	named string // key id of the officer who shall issue it
}

// rows reads a page. next is the place of the page that follows; the zero Place for
// none.
func (d *desk) rows(r *http.Request, a *asked, most int) (out []listed, next consignment.Place, err error) {
	now := d.node.Now().UTC()
	q := a.query(now, most+1)
	err = d.read(r, func(tx *store.Tx) error {
		out, next = nil, consignment.Place{}
		found, err := consignment.List(tx, q)
		if err != nil {
			return err
		}
		if len(found) > most {
			found = found[:most]
			next = consignment.Place{At: found[most-1].MovedAt, ID: found[most-1].ID}
		}
		for _, f := range found {
			l := listed{Listed: f}
			if f.State == consignment.Prepared {
				if l.named, err = consignment.Named(tx, &f.Consignment); err != nil {
					return err
				}
			}
			if a.keeps(&l) {
				out = append(out, l)
			}
		}
		return nil
	})
	return out, next, err
}

// keeps tells whether a row belongs to the list after all: a prepared certificate waits
// for the one officer who is named in it, and "waiting" is what waits for others.
func (a *asked) keeps(l *listed) bool {
	f, _ := consignment.Follows(l.State)
	mine := slices.ContainsFunc(f.Who, func(r access.Role) bool { return slices.Contains(a.roles, r) }) && (l.Hand.Login == "" || l.Hand.Login == a.login) &&
		(l.named == "" || l.named == a.own)
	switch a.view {
	case "mine":
		return mine
	case "waiting":
		return !mine
	}
	return true
}

func (d *desk) read(r *http.Request, fn func(*store.Tx) error) error {
	return d.node.Ledger.Store().Read(r.Context(), d.node.Now(), fn)
}

func (d *desk) write(r *http.Request, fn func(*store.Tx) error) error {
	return d.node.Ledger.Store().Write(r.Context(), d.node.Now(), fn)
}

// showList serves the work list; a number or the name of a file leads to the file.
func (d *desk) showList(w http.ResponseWriter, r *http.Request) error {
	p := d.site.Printer(r)
	data := listPage{Query: strings.TrimSpace(r.URL.Query().Get("q"))}
	if data.Query != "" {
		id, err := d.find(r, data.Query)
		if err != nil {
			return err
		}
		if id != "" {
			http.Redirect(w, r, "/issuing/"+url.PathEscape(id), http.StatusSeeOther)
			return nil
		}
		data.Nothing = p.T("certificate.issuing.list.nothing", lang.Args{"text": data.Query})
	}
	a, err := d.asked(r)
	if err != nil {
		return err
	}
	rows, next, err := d.rows(r, &a, perPage)
	if err != nil {
		return err
	}
	data.View, data.Newest, data.AsOf = a.view, a.newest, p.Time(d.node.Now().UTC())
	data.Lead = p.T("certificate.issuing.list.lead."+a.view, nil)
	for _, v := range views {
		data.Views = append(data.Views, web.Choice{Path: "/issuing?view=" + v, Name: p.T("certificate.issuing.list.view."+v, nil), Current: v == a.view})
	}
	if data.To, err = d.destinations(r, p, a.to); err != nil {
		return err
	}
	data.Grid = d.listGrid(p, rows)
	data.CSV, data.XLSX = "/issuing/list.csv?"+a.text(), "/issuing/list.xlsx?"+a.text()
	data.Pages = web.Pages{EarlierWords: p.T("certificate.issuing.list.first", nil), LaterWords: p.T("certificate.issuing.list.next", nil), Label: p.T("web.pages", nil)}
	if a.after != (consignment.Place{}) {
		data.Pages.Earlier = "/issuing?" + a.text()
	}
	if next != (consignment.Place{}) {
		data.Pages.Later = "/issuing?" + a.text() + "&after=" + url.QueryEscape(placeText(next))
	}
	return d.list.Render(w, r, p.T("certificate.issuing.list.title", nil), data)
}

// text is the question as it stands in an address.
func (a *asked) text() string {
	q := url.Values{"view": {a.view}}
	if a.to != "" {
		q.Set("to", string(a.to))
	}
	if a.newest {
		q.Set("order", "newest")
	}
	return q.Encode()
}

// destinations are the Participants to which something is on its way, and the chosen.
func (d *desk) destinations(r *http.Request, p *lang.Printer, chosen ident.ParticipantCode) (out []form.Option, err error) {
	var open []consignment.State
	for _, s := range consignment.OfExport() {
		if _, waits := consignment.Follows(s); waits && s != consignment.Expired {
			open = append(open, s)
		}
	}
	var all []ident.ParticipantCode
	err = d.read(r, func(tx *store.Tx) (err error) {
		all, err = consignment.Counterparts(tx, append(open, consignment.Exported, consignment.Overdue, consignment.Disputed))
		return err
	})
	if chosen != "" && !slices.Contains(all, chosen) {
		all = append(all, chosen)
	}
	for _, code := range all {
		out = append(out, form.Option{Value: string(code), Text: p.Participant(code), Chosen: code == chosen})
	}
	lang.Sort(p, out, func(o form.Option) string { return o.Text })
	return out, err
}

var listColumns = []string{"file", "number", "to", "state", "next", "has", "since", "due"}

func (d *desk) listGrid(p *lang.Printer, rows []listed) grid {
	g := grid{Empty: p.T("certificate.issuing.list.empty", nil)}
	for _, c := range listColumns {
		g.Heads = append(g.Heads, head{Text: p.T("certificate.issuing.col."+c, nil)})
	}
	all := d.officers.All()
	for i := range rows {
		t := d.rowTexts(p, all, &rows[i])
		m := markOf(rows[i].State)
		g.add(cell{Text: t[0], Path: "/issuing/" + t[0], Mono: true, Row: true}, cell{Text: t[1], Mono: true}, cell{Text: t[2]}, cell{Text: t[3], Mark: &m},
			cell{Text: t[4]}, cell{Text: t[5]}, cell{Text: t[6]}, cell{Text: t[7]})
	}
	return g
}

// rowTexts is a row in words, in the order of the columns.
func (d *desk) rowTexts(p *lang.Printer, all []officers.Officer, l *listed) []string {
	out := []string{l.ID, "", p.Participant(l.Counterpart), p.Show(l.State), "", has(p, all, l.State, l.Hand, l.named), p.Time(l.MovedAt.UTC()), ""}
	if l.Number != "" {
		out[1] = ident.CertificateNumber(l.Number).Display()
	}
	if f, ok := consignment.Follows(l.State); ok {
		out[4] = p.Show(f.Act)
	}
	if !l.Due.IsZero() && !l.Due.After(time.Unix(1<<33, 0)) {
		out[7] = p.Time(l.Due.UTC())
	}
	return out
}

// has says who has a consignment now.
func has(p *lang.Printer, all []officers.Officer, s consignment.State, h consignment.Hand, named string) string {
	if h.Login != "" {
		return h.Name
	}
	if named != "" {
		return who(p, all, named, access.Validator)
	}
	if f, ok := consignment.Follows(s); ok {
		return p.Show(f.Who)
	}
	switch s {
	case consignment.Exported, consignment.Overdue, consignment.Disputed:
		return p.T("certificate.issuing.has.other", nil)
	}
	return p.T("certificate.issuing.has.nobody", nil)
}

// markOf is the shape of a state.
func markOf(s consignment.State) web.Mark {
	switch s {
	case consignment.Issued, consignment.Exported, consignment.Received:
		return web.Valid
	case consignment.Deficient, consignment.Overdue, consignment.Disputed, consignment.Expired:
		return web.Tell
	case consignment.Rejected, consignment.Void, consignment.Lost, consignment.Forfeited, consignment.Replaced, consignment.SentBack:
		return web.Invalid
	}
	return web.Wait
}

// sendList sends the whole list as a file.
func (d *desk) sendList(kind string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		p := d.site.Printer(r)
		a, err := d.asked(r)
		if err != nil {
			return err
		}
		a.after = consignment.Place{}
		rows, _, err := d.rows(r, &a, mostSent)
		if err != nil {
			return err
		}
		s := sheet.Sheet{Name: p.T("certificate.issuing.list.title", nil), Synthetic: d.node.Synthetic}
		for _, c := range listColumns {
			s.Columns = append(s.Columns, sheet.Column{Head: p.T("certificate.issuing.col."+c, nil)})
		}
		all := d.officers.All()
		s.Rows = func(yield func([]any, error) bool) {
			for i := range rows {
				l := &rows[i]
				t := d.rowTexts(p, all, l)
				if !yield([]any{l.ID, l.Number, t[2], t[3], t[4], t[5], l.MovedAt, l.Due}, nil) {
					return
				}
			}
		}
		return Send(w, p, s, kind, "issuing-"+a.view)
	}
}

// Kinds of files in which a list is taken away.
const (
	CSV  = "text/csv; charset=utf-8"
	XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// Send sends a list as a file in the form that the reader's spreadsheet expects.
func Send(w http.ResponseWriter, p *lang.Printer, s sheet.Sheet, kind, name string) (err error) {
	var out bytes.Buffer
	end := ".xlsx"
	if kind == CSV {
		end = ".csv"
		err = s.CSV(&out, p.Language())
	} else {
		err = s.XLSX(&out)
	}
	if err != nil {
		return err
	}
	return SendFile(w, kind, name+end, out.Bytes())
}

// SendFile sends bytes to be kept, never to be shown as a page of this site.
func SendFile(w http.ResponseWriter, kind, name string, b []byte) error {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cache-Control", "no-store")
	w.Write(b) // a reader who has gone is no fault
	return nil
}

// find is the file that a number or a name of a file stands for; "" for none. A number
// stands for the newest of this office's own files under it.
func (d *desk) find(r *http.Request, typed string) (id string, err error) {
	err = d.read(r, func(tx *store.Tx) error {
		if c, err := consignment.Get(tx, typed); err == nil {
			id = c.ID
			return nil
		} else if !fault.Is(err, "certificate.unknown_consignment") {
			return err
		}
		number, err := ident.ParseTypedPaper(typed)
		if err != nil {
			return nil
		}
		found, err := consignment.OfNumber(tx, string(number))
		for _, c := range found {
			if slices.Contains(consignment.OfExport(), c.State) {
				id = c.ID
			}
		}
		return err
	})
	return id, err
}

// placeText is a place in the list as it stands in an address.
func placeText(at consignment.Place) string {
	return base64.RawURLEncoding.EncodeToString([]byte(at.At.UTC().Format(time.RFC3339Nano) + " " + at.ID))
}

// placeOf reads it. Fault certificate.page_place.
func placeOf(s string) (at consignment.Place, err error) {
	if s == "" {
		return at, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	stamp, id, ok := strings.Cut(string(b), " ")
	if err == nil && ok && id != "" && len(id) < 100 {
		if at.At, err = time.Parse(time.RFC3339Nano, stamp); err == nil {
			at.ID = id
			return at, nil
		}
	}
	return consignment.Place{}, fault.Invalid("certificate.page_place", fault.At("after"), fault.Text(s))
}
