package pages

import (
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/ledger/ledgerweb"
	"adamas.example/internal/ledger/listing"
	"adamas.example/internal/store"
	"adamas.example/internal/web"
	"adamas.example/verify/statement"
)

// list is the register as it is read.
type list struct {
	Origin    string
	Mark      web.Mark
	Standing  string
	Counts    []named
	Witnesses []witness
	Filter    filter
	Entries   []row
	Pages     web.Pages
	None      string // why there is nothing to show
	Others    []other
}

type named struct{ Name, Value string }

type witness struct{ Label, Pillar, Time string }

// filter is the form with which entries are chosen.
type filter struct {
	Kinds, Issuers []option
	About, Wrong   string
	Chosen         bool // anything
}

type option struct {
	Value, Name string
	Selected    bool
}

// row is one entry.
type row struct {
	Path, Sentence, State, Time, Index string
	Mark                               web.Mark
	Synthetic                          bool
}

// other is the register of somebody else that this node follows.
type other struct{ Origin, Entries, Witnessed, Read, Path, Split string }

const (
	pageSize  = 50
	mostAbout = 128 // of a subject, as in a statement
)

// asked is what the address asks for.
type asked struct {
	kind, issuer, about string
	before              int64
}

func (g *register) showList(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	a := asked{kind: q.Get("type"), issuer: q.Get("by"), about: strings.TrimSpace(q.Get("about"))}
	if at := q.Get("before"); at != "" {
		n, err := strconv.ParseInt(at, 10, 64)
		if err != nil || n < 1 {
			return fault.Invalid("ledger.place_in_list", fault.At("before"), fault.Text(at))
		}
		a.before = n
	}
	p := g.site.Printer(r)
	data, err := g.standing(r, p)
	if err != nil {
		return err
	}
	if err := g.fill(r, p, &a, data); err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return g.list.Render(w, r, p.T("register.title", nil), *data)
}

// standing tells how the register is: its size, and how far witnesses have attested it.
func (g *register) standing(r *http.Request, p *lang.Printer) (*list, error) {
	h, err := g.node.Ledger.Health(r.Context())
	if err != nil {
		return nil, err
	}
	log := g.node.Ledger.Log()
	data := &list{Origin: log.Origin()}
	switch {
	case h.Hold != "":
		data.Mark, data.Standing = web.Invalid, p.T("ledger.hold."+h.Hold, nil)
	case h.Time.IsZero():
		data.Mark, data.Standing = web.Wait, p.T("register.unwitnessed", nil)
	case h.Witnessed < h.Size || h.Signed > 0:
		data.Mark, data.Standing = web.Tell, p.T("register.waiting", lang.Args{"time": h.Time})
	default:
		data.Mark, data.Standing = web.Valid, p.T("register.witnessed", lang.Args{"time": h.Time})
	}
	for _, c := range []struct {
		key string
		n   int64
	}{{"entries", h.Size}, {"witnessed", h.Witnessed}, {"logged", h.Logged}, {"signed", h.Signed}} {
		if c.key == "entries" || c.n > 0 && (c.key != "witnessed" || c.n < h.Size) {
			data.Counts = append(data.Counts, named{p.T("register.count."+c.key, nil), p.Number(c.n)})
		}
	}
	for _, x := range log.Policy().Witnesses {
		row := witness{Label: x.Label, Time: p.T("register.no_time", nil)}
		if pillar, ok := log.Policy().PillarOf(x.Label); ok {
			row.Pillar = p.T("register.pillar."+pillar.String(), nil)
		}
		if t, ok := h.Witnesses[x.Label]; ok {
			row.Time = p.Time(t)
		}
		data.Witnesses = append(data.Witnesses, row)
	}
	return data, nil
}

// fill adds the form, the entries, the way to more, and the registers of others.
func (g *register) fill(r *http.Request, p *lang.Printer, a *asked, data *list) error {
	subject, wrong := subjectOf(p, a.about)
	data.Filter.About, data.Filter.Wrong = a.about, wrong
	data.Filter.Chosen = a.kind != "" || a.issuer != "" || a.about != ""
	return g.read(r, func(tx *store.Tx) error {
		data.Entries, data.Others = nil, nil
		kinds, err := listing.Kinds(tx)
		if err != nil {
			return err
		}
		data.Filter.options(p, kinds, a)
		if data.Others, err = g.others(tx, p); err != nil {
			return err
		}
		l := listing.Query{Subject: subject, Before: a.before}
		if data.Filter.Chosen {
			if l.Kinds = chosen(kinds, a); l.Kinds == nil || wrong != "" {
				data.None = p.T("register.none_such", nil)
				return nil
			}
		}
		found, err := listing.Read(tx, l, pageSize+1)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			data.None = p.T("register.none", nil)
			if data.Filter.Chosen || a.before > 0 {
				data.None = p.T("register.none_such", nil)
			}
		}
		for _, e := range found[:min(len(found), pageSize)] {
			data.Entries = append(data.Entries, g.row(p, e))
		}
		data.Pages, err = ways(tx, p, r.URL, l, found)
		return err
	})
}

// ways leads to the entries before and after those found.
func ways(tx *store.Tx, p *lang.Printer, u *url.URL, l listing.Query, found []*ledger.Entry) (web.Pages, error) {
	var newer, older string
	if len(found) > pageSize {
		older = strconv.FormatInt(found[pageSize-1].Seq, 10)
	}
	if l.Before > 0 {
		next := l
		next.Before, next.After = 0, l.Before-1
		above, err := listing.Read(tx, next, pageSize)
		if err != nil {
			return web.Pages{}, err
		}
		if len(above) > 0 {
			newer = strconv.FormatInt(above[0].Seq+1, 10)
		}
	}
	return web.Newer(p, u, "before", newer, older), nil
}

func (g *register) row(p *lang.Printer, e *ledger.Entry) row {
	out := row{Path: "/register/" + e.Hash.String(), Time: p.Time(e.SignedAt), Sentence: ledgerweb.Sentence(p, e.Type, e.Issuer, e.Subject)}
	if st, err := statement.Parse(e.Signed); err == nil {
		out.Sentence = ledgerweb.SentenceOf(p, st)
		out.Synthetic = st.Synthetic && !g.site.Synthetic() // the frame says it of everything
	}
	if e.Index >= 0 {
		out.Index = p.Number(e.Index)
	}
	out.Mark, out.State = stateOf(p, e)
	return out
}

// stateOf is how far an entry has come, by shape and word.
func stateOf(p *lang.Printer, e *ledger.Entry) (web.Mark, string) {
	mark := web.Wait
	switch e.State() {
	case ledger.Logged:
		mark = web.Tell
	case ledger.Witnessed:
		mark = web.Valid
	}
	return mark, p.T("register.state."+e.State().String(), nil)
}

// subjectOf reads what entries are to be about: a certificate's number as people write
// it, or a subject as it stands in a statement. wrong says why it is neither.
func subjectOf(p *lang.Printer, typed string) (subject, wrong string) {
	switch {
	case typed == "":
		return "", ""
	case len(typed) > mostAbout || !utf8.ValidString(typed) || strings.ContainsFunc(typed, func(r rune) bool { return r < ' ' }):
		return "", p.T("register.about.wrong", nil)
	case strings.Contains(typed, "/"):
		return typed, ""
	}
	n, err := ident.ParseTypedPaper(typed)
	if err != nil {
		return "", p.T("register.about.wrong", nil)
	}
	return statement.CertificateSubject(string(n)), ""
}

// chosen are the kinds that fit what is asked; nil for none.
func chosen(kinds []listing.Kind, a *asked) (out []listing.Kind) {
	for _, k := range kinds {
		if (a.kind == "" || a.kind == k.Type.String()) && (a.issuer == "" || a.issuer == k.Issuer) {
			out = append(out, k)
		}
	}
	return out
}

// options offers what stands in this register, and what was asked for even if it does
// not: the form shows what the answer is to.
func (f *filter) options(p *lang.Printer, kinds []listing.Kind, a *asked) {
	f.Kinds, f.Issuers = nil, nil
	add := func(list *[]option, value, name, wanted string) {
		if !slices.ContainsFunc(*list, func(o option) bool { return o.Value == value }) {
			*list = append(*list, option{value, name, value == wanted})
		}
	}
	for _, k := range kinds {
		add(&f.Kinds, k.Type.String(), ledgerweb.TypeWords(p, k.Type), a.kind)
		add(&f.Issuers, k.Issuer, k.Issuer, a.issuer)
	}
	for t := statement.TypeParticipant; t <= statement.TypeAttestation; t++ {
		if t.String() == a.kind {
			add(&f.Kinds, a.kind, ledgerweb.TypeWords(p, t), a.kind)
		}
	}
	if a.issuer != "" {
		add(&f.Issuers, a.issuer, a.issuer, a.issuer)
	}
	for _, list := range [][]option{f.Kinds, f.Issuers} {
		lang.Sort(p, list, func(o option) string { return o.Name })
	}
}

// others lists the registers that this node follows. It keeps what concerns it of their
// entries, not the entries: those are read where they stand.
func (g *register) others(tx *store.Tx, p *lang.Printer) (out []other, err error) {
	known, err := follow.KnownLogs(tx)
	if err != nil {
		return nil, err
	}
	forks, err := follow.ForkedLogs(tx)
	if err != nil {
		return nil, err
	}
	places := g.node.Post.Addresses()
	for _, k := range known {
		o := other{Origin: k.Origin, Entries: p.Number(k.Size), Witnessed: p.Time(k.Time), Read: p.Time(k.ReadAt)}
		if slices.ContainsFunc(forks, func(f follow.Forked) bool { return f.Origin == k.Origin }) {
			o.Split = p.T("register.others.split", nil)
		}
		if at := places[k.Origin]; len(at) > 0 {
			o.Path = registerAt(at[0])
		}
		out = append(out, o)
	}
	return out, nil
}

// registerAt is the page of the register whose files lie at an address, or whose node
// takes messages there: a node serves all of them side by side. Of a copy on another server it is the newest signed state.
func registerAt(files string) string {
	u, err := url.Parse(files)
	if err != nil {
		return ""
	}
	u.Path = strings.TrimSuffix(u.Path, "/")
	if name := path.Base(u.Path); name == "exchange" || name == "log" || strings.HasPrefix(name, "log-") {
		u.Path = path.Join(path.Dir(u.Path), "register")
	} else {
		u.Path += "/checkpoint"
	}
	return u.String()
}
