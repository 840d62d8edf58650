package pages

import (
	"context"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"adamas.example/internal/certificate/life"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/store"
	"adamas.example/internal/web"
)

// list is the search and the list of all certificates.
type list struct {
	Number   string // as typed
	Problem  string // beside the field; "" when nothing is wrong
	Remedy   string
	Nothing  *nothing
	From, To []choice
	States   []choice
	Filtered bool
	Rows     []row
	Pages    web.Pages
	Apart    string // what is counted apart; "" for nothing
	Going    bool   // it was looked through a part, and there may be more
}

// nothing is what a search for a number that is not recorded has looked through.
type nothing struct {
	Number, Unheard string
	Registers       []register
	Papers          []paperRow // from outside, under this number
}

type register struct{ Origin, Entries string }

type choice struct {
	Value, Name string
	Chosen      bool
}

// row is one certificate in a list.
type row struct {
	Path, Number, From, To, Issued, Expires, Status string
	Mark                                            web.Mark
}

// pageSize is how many certificates one page of a list shows.
const pageSize = 50

// showList finds a certificate by its number, or lists all.
func (d *desk) showList(w http.ResponseWriter, r *http.Request) error {
	p := d.site.Printer(r)
	q := r.URL.Query()
	title := p.T("certificate.page.list.title", nil)
	if q.Has("number") {
		number, err := ident.ParseTypedPaper(q.Get("number"))
		if err == nil {
			http.Redirect(w, r, "/certificates/"+string(number), http.StatusSeeOther)
			return nil
		}
		data := list{Number: q.Get("number")}
		said := p.Explain(err, "-")[0]
		data.Problem, data.Remedy = said.Text, said.Remedy
		return d.list.RenderAs(w, r, http.StatusUnprocessableEntity, p.T("certificate.page.list.problem", lang.Args{"title": title}), data)
	}
	data, err := d.listOf(r.Context(), p, r.URL)
	if err != nil {
		return err
	}
	return d.list.Render(w, r, title, data)
}

// states are those that a reader can ask for, in the order of a life.
var states = []life.Status{life.Issued, life.Received, life.Attested, life.Replaced, life.Void, life.Lost, life.Disputed, life.SentBack, life.Forfeited}

func (d *desk) listOf(ctx context.Context, p *lang.Printer, u *url.URL) (list, error) {
	data := list{}
	q := u.Query()
	f, err := filterOf(q)
	if err != nil {
		return data, err
	}
	at, newer, err := placeOf(q.Get("at"))
	if err != nil {
		return data, err
	}
	var l life.Listed
	var pairs []life.Sums
	err = d.node.Ledger.Store().Read(ctx, d.node.Now(), func(tx *store.Tx) (err error) {
		counts, err := life.Count(tx)
		if err != nil {
			return err
		}
		data.Apart = apart(p, counts)
		if pairs, err = life.Pairs(tx); err == nil {
			l, err = life.List(tx, f, at, newer, pageSize)
		}
		return err
	})
	if err != nil {
		return data, err
	}
	data.Filtered, data.Going = f != (life.Filter{}), l.More
	data.From = participants(p, pairs, f.From, func(s life.Sums) ident.ParticipantCode { return s.From })
	data.To = participants(p, pairs, f.To, func(s life.Sums) ident.ParticipantCode { return s.To })
	for _, s := range states {
		data.States = append(data.States, choice{string(s), p.T("certificate.page.list.state."+string(s), nil), s == f.State})
	}
	for i := range l.Certificates {
		data.Rows = append(data.Rows, d.rowOf(p, &l.Certificates[i]))
	}
	data.Pages = waysOf(p, u, l, at, newer)
	return data, nil
}

// waysOf are the ways to newer and older certificates. A page that was looked through
// without finding all its rows still leads on from where the looking ended.
func waysOf(p *lang.Printer, u *url.URL, l life.Listed, at life.Place, newer bool) web.Pages {
	var up, down string
	n := len(l.Certificates)
	switch {
	case newer:
		if l.More {
			up = placeText("n", l.Last)
		}
		if down = placeText("o", at); n > 0 {
			down = placeText("o", life.PlaceOf(&l.Certificates[n-1]))
		}
	default:
		if l.More {
			down = placeText("o", l.Last)
		}
		if at != (life.Place{}) {
			if up = placeText("n", at); n > 0 {
				up = placeText("n", life.PlaceOf(&l.Certificates[0]))
			}
		}
	}
	return web.Newer(p, u, "at", up, down)
}

// placeText is a place in the list as it stands in an address.
func placeText(direction string, at life.Place) string {
	return direction + "-" + strconv.FormatInt(at.StatedAt, 10) + "-" + hex.EncodeToString(at.Statement[:])
}

// placeOf reads it. Fault certificate.page_place.
func placeOf(s string) (at life.Place, newer bool, err error) {
	if s == "" {
		return at, false, nil
	}
	wrong := fault.Invalid("certificate.page_place", fault.At("at"), fault.Text(s))
	parts := strings.Split(s, "-")
	if len(parts) != 3 || parts[0] != "o" && parts[0] != "n" {
		return at, false, wrong
	}
	raw, err := hex.DecodeString(parts[2])
	if err != nil || len(raw) != len(at.Statement) {
		return at, false, wrong
	}
	copy(at.Statement[:], raw)
	if at.StatedAt, err = strconv.ParseInt(parts[1], 10, 64); err != nil || at.StatedAt < 0 {
		return at, false, wrong
	}
	return at, parts[0] == "n", nil
}

// filterOf reads what is asked for. Faults: those of ident.ParseParticipant,
// certificate.page_state.
func filterOf(q url.Values) (f life.Filter, err error) {
	for name, code := range map[string]*ident.ParticipantCode{"from": &f.From, "to": &f.To} {
		if v := q.Get(name); v != "" {
			if *code, err = ident.ParseParticipant(v); err != nil {
				return f, fault.Locate(err, fault.At(name))
			}
		}
	}
	if f.State = life.Status(q.Get("state")); f.State != "" && !slices.Contains(states, f.State) {
		return f, fault.Invalid("certificate.page_state", fault.At("state"), fault.Text(string(f.State)))
	}
	return f, nil
}

// participants are those of one side that certificates are recorded of, by name.
func participants(p *lang.Printer, pairs []life.Sums, chosen ident.ParticipantCode, of func(life.Sums) ident.ParticipantCode) (out []choice) {
	have := map[ident.ParticipantCode]bool{}
	for _, s := range pairs {
		have[of(s)] = true
	}
	if chosen != "" {
		have[chosen] = true
	}
	for code := range have {
		out = append(out, choice{string(code), p.Participant(code), code == chosen})
	}
	lang.Sort(p, out, func(c choice) string { return c.Name })
	return out
}

func (d *desk) rowOf(p *lang.Printer, c *life.Certificate) row {
	s := c.State.On(d.today(), c.Expires)
	return row{Path: "/certificates/" + c.Number, Number: ident.CertificateNumber(c.Number).Display(), From: p.Participant(c.Participant), To: p.Participant(c.Destination),
		Issued: p.Show(c.Issued), Expires: p.Show(c.Expires), Mark: marks[s], Status: p.T("certificate.page.status."+string(s), nil)}
}

// nothing says that a number is not recorded, and where it was looked for.
func (d *desk) nothing(w http.ResponseWriter, r *http.Request, number ident.CertificateNumber) error {
	p := d.site.Printer(r)
	searched, err := d.searched(r.Context(), p)
	if err != nil {
		return err
	}
	unheard, err := d.unsettled(r.Context(), p, number)
	if err != nil {
		return err
	}
	papers, err := d.papersOf(r.Context(), p, number)
	if err != nil {
		return err
	}
	data := list{Number: number.Display(), Nothing: &nothing{Number: number.Display(), Registers: searched, Unheard: unheard, Papers: papers}}
	if len(papers) > 0 {
		return d.list.Render(w, r, p.T("certificate.page.papers", lang.Args{"number": number}), data)
	}
	return d.list.RenderAs(w, r, http.StatusNotFound, p.T("certificate.page.nothing", lang.Args{"number": number}), data)
}

// searched are the registers that the view has read, and how far.
func (d *desk) searched(ctx context.Context, p *lang.Printer) ([]register, error) {
	h, err := d.node.Ledger.Health(ctx)
	if err != nil {
		return nil, err
	}
	feeds, _ := d.node.Post.Feeds(ctx) // what stands in the way of one is on the node's page
	f, err := follow.New(follow.Config{Ledger: d.node.Ledger, Now: d.node.Now, Followers: []follow.Follower{life.Follower{}}, Feeds: feeds})
	if err != nil {
		return nil, err
	}
	standing, err := f.Standing(ctx)
	if err != nil {
		return nil, err
	}
	out := []register{{d.node.Ledger.Log().Origin(), p.T("certificate.page.entries", lang.Args{"count": h.Size})}}
	for _, s := range standing {
		if s.Origin != "" {
			out = append(out, register{s.Origin, p.T("certificate.page.entries", lang.Args{"count": s.Next})})
		}
	}
	return out, nil
}

// unsettled tells of certificates under a number that are not shown, "" for none.
func (d *desk) unsettled(ctx context.Context, p *lang.Printer, number ident.CertificateNumber) (string, error) {
	var pending, refused int64
	err := d.node.Ledger.Store().Read(ctx, d.node.Now(), func(tx *store.Tx) (err error) {
		pending, refused, err = life.Unsettled(tx, string(number))
		return err
	})
	var out []string
	if pending > 0 {
		out = append(out, p.T("certificate.page.pending", lang.Args{"count": pending}))
	}
	if refused > 0 {
		out = append(out, p.T("certificate.page.refused", lang.Args{"count": refused}))
	}
	return strings.Join(out, " "), err
}
