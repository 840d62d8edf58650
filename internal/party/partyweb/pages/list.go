package pages

import (
	"net/http"
	"net/url"
	"strings"

	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/party"
	"adamas.example/internal/party/partyweb"
	"adamas.example/internal/period"
	"adamas.example/internal/web"
)

// list is who took part on a day.
type list struct {
	Form      form
	Count     string
	Unsure    string
	By        string
	Rows      []row
	Left      []row
	Questions []asked
}

// row is one Participant's standing.
type row struct {
	Path, Name, Code, Notes, Standing, Since, SinceLabel, Basis, Source string
	Mark                                                                web.Mark
}

// asked is a question on which sources disagree, with what each says.
type asked struct {
	Name, Text, Chosen string
	Readings           []reading
}

type reading struct{ Name, When, What, Source string }

func (g *participants) showList(w http.ResponseWriter, r *http.Request) error {
	p := g.site.Printer(r)
	q, err := g.ask(r, p)
	if err != nil {
		return err
	}
	counted := partyweb.Count(q.all())
	data := list{Form: q.form(p, "/participants"), Count: q.count(p, counted), By: q.byWords(p)}
	if counted.Unsure > 0 {
		data.Unsure = p.T("participants.unsure", lang.Args{"count": counted.Unsure})
	}
	for _, s := range counted.Shown {
		data.Rows = append(data.Rows, q.row(p, s))
	}
	for _, s := range counted.Left {
		data.Left = append(data.Left, q.row(p, s))
	}
	for _, rows := range [][]row{data.Rows, data.Left} {
		lang.Sort(p, rows, func(r row) string { return r.Name })
	}
	data.Questions = q.questions(p, "")
	return g.list.Render(w, r, p.T("participants.title", lang.Args{"on": q.on}), data)
}

// count says how many there were, and who trades without being one.
func (q *question) count(p *lang.Printer, c partyweb.Counted) string {
	var entities []string
	for _, s := range c.Shown {
		if s.Entity && !s.Member {
			entities = append(entities, p.Participant(s.Code))
		}
	}
	if len(entities) == 0 {
		return p.T("participants.count", lang.Args{"count": c.Members, "on": q.on})
	}
	return p.T("participants.count_and", lang.Args{"count": c.Members, "on": q.on, "entities": entities})
}

func (q *question) byWords(p *lang.Printer) string {
	if q.by == "" {
		return p.T("participants.by_scheme", nil)
	}
	return p.T("party.by", lang.Args{"by": q.by})
}

func (q *question) row(p *lang.Printer, s party.Standing) row {
	out := row{Path: q.path(s.Code), Name: p.Participant(s.Code), Code: string(s.Code), Standing: partyweb.StandingWords(p, s), Mark: mark(s),
		SinceLabel: p.T("participants.col.since", nil)}
	known, _ := q.Profile(s.Code, q.on)
	for _, f := range known.Footnotes {
		out.Notes += f.Mark
	}
	why := s.Basis
	if len(why) == 0 {
		why = s.Uncertain
	}
	if len(why) > 0 {
		last := why[len(why)-1]
		out.Since, out.Source = partyweb.DateWords(p, last), sourceOf(p, last)
		out.Basis = p.T("party.kind."+string(last.Kind), nil)
	}
	return out
}

// path leads to a Participant's page on the same day, by the same list.
func (q *question) path(code ident.ParticipantCode) string {
	v := url.Values{}
	if q.on != q.today {
		v.Set("on", q.on.String())
	}
	if q.by != "" {
		v.Set("by", string(q.by))
	}
	if len(v) == 0 {
		return "/participants/" + string(code)
	}
	return "/participants/" + string(code) + "?" + v.Encode()
}

// sourceOf is a source as a table shows it: its words with how well they are known.
func sourceOf(p *lang.Printer, e party.Event) string {
	return partyweb.SourceWords(p, e.Source, e.Certainty)
}

// whatOf says what happened: the kind of change, and what the source calls it.
func whatOf(p *lang.Printer, e party.Event) string {
	kind := p.T("party.kind."+string(e.Kind), nil)
	if e.What == "" || e.What == string(e.Kind) {
		return kind // the source says no more
	}
	return p.T("participants.change", lang.Args{"kind": kind, "what": e.What})
}

// questions lists the points on which sources disagree; of one Participant's when code
// is given.
func (q *question) questions(p *lang.Printer, code ident.ParticipantCode) (out []asked) {
	all := q.Register.Questions()
	for _, x := range q.Questions {
		a := asked{Name: x.Name, Text: x.In(p.Language()), Chosen: p.T("participants.open", nil)}
		chosen, is := q.Register.Chosen(x.Name)
		mine := code == ""
		for _, e := range all[x.Name] {
			mine = mine || e.Code == code
			a.Readings = append(a.Readings, reading{e.Alternative, partyweb.DateWords(p, e), whatOf(p, e), sourceOf(p, e)})
		}
		if is {
			a.Chosen = p.T("participants.chosen", lang.Args{"reading": chosen})
		}
		if mine && len(a.Readings) > 0 {
			out = append(out, a)
		}
	}
	return out
}

// days says from when until when something is known to have been so.
func days(p *lang.Printer, r period.Range) string {
	var out []string
	if r.From != period.Min {
		out = append(out, p.T("participants.from", lang.Args{"day": r.From}))
	}
	if !r.Open() {
		out = append(out, p.T("participants.until", lang.Args{"day": r.Until}))
	}
	return strings.Join(out, ", ")
}
