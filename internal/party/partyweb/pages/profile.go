package pages

import (
	"net/http"
	"slices"
	"strings"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/listing"
	"adamas.example/internal/party"
	"adamas.example/internal/party/partyweb"
	"adamas.example/internal/party/stated"
	"adamas.example/internal/period"
	"adamas.example/internal/place"
	"adamas.example/internal/store"
	"adamas.example/internal/web"
	"adamas.example/verify/canonical"
)

// profile is one Participant on a day.
type profile struct {
	Form      form
	Mark      web.Mark
	Standing  string
	By        string
	Facts     []fact
	Territory []fact
	Bar       bar
	Events    []event
	Questions []asked
	Register  []entry
}

// fact is one thing that is known, with where from.
type fact struct{ Name, Value, Source, Path string }

// event is a dated change, and where it left the Participant.
type event struct {
	When, What, After, Source, Reading, Path string
	Mark                                     web.Mark
	Open                                     bool
}

// entry is a statement in this node's register.
type entry struct{ Path, Words string }

func (g *participants) showProfile(w http.ResponseWriter, r *http.Request) error {
	p := g.site.Printer(r)
	q, err := g.ask(r, p)
	if err != nil {
		return err
	}
	typed := strings.ToUpper(r.PathValue("code"))
	code, err := ident.ParseParticipant(typed)
	known, ok := q.Profile(code, q.on)
	if !ok || err != nil {
		if part, found := place.TerritoryOf(ident.CountryCode(typed), q.on); found && string(part.Participant) != typed {
			http.Redirect(w, r, q.path(part.Participant), http.StatusFound) // a country in another's territory, such as Belgium
			return nil
		}
		return fault.NotFound("party.no_page", fault.Text(r.PathValue("code")))
	}
	s := q.standing(code, q.on)
	data := profile{Form: q.form(p, "/participants/"+string(code)), Mark: mark(s), By: q.byWords(p), Standing: partyweb.StandingWords(p, s),
		Facts: q.facts(p, s, known), Bar: q.bar(p, code), Questions: q.questions(p, code)}
	for _, t := range place.TerritoriesOf(code, q.on) {
		data.Territory = append(data.Territory, territory(p, t, q.on))
	}
	if err := g.read(r, func(tx *store.Tx) (err error) {
		if data.Events, err = q.events(tx, p, code); err != nil {
			return err
		}
		data.Register, err = statements(tx, p, code)
		return err
	}); err != nil {
		return err
	}
	return g.profile.Render(w, r, p.T("participants.profile.title", lang.Args{"participant": code, "code": string(code)}), data)
}

func (g *participants) read(r *http.Request, fn func(tx *store.Tx) error) error {
	return g.node.Ledger.Store().Read(r.Context(), g.site.Now(), fn)
}

// facts are all that is known beside the events.
func (q *question) facts(p *lang.Printer, s party.Standing, known party.Profile) (out []fact) {
	add := func(key, value, source string) {
		if value != "" {
			out = append(out, fact{Name: p.T("party.field."+key, nil), Value: value, Source: source})
		}
	}
	if len(s.Possible) > 1 {
		var may []string
		for _, o := range s.Possible {
			may = append(may, partyweb.StandingWords(p, party.Standing{Outcome: o, Possible: []party.Outcome{o}}))
		}
		out = append(out, fact{Name: p.T("participants.may", nil), Value: strings.Join(may, "\n")})
	}
	add("zones", strings.Join(s.Zones, ", "), "")
	add("zones_perhaps", strings.Join(s.ZonesPerhaps, ", "), "")
	for _, a := range known.Authorities {
		value := a.Name
		if span := days(p, a.When); span != "" {
			value += ", " + span
		}
		add("authority", value, partyweb.SourceWords(p, a.Source, a.Certainty))
	}
	for _, f := range known.Footnotes {
		out = append(out, fact{Name: p.T("participants.note", lang.Args{"mark": f.Mark}), Value: f.In(p.Language()), Source: partyweb.SourceWords(p, f.Source, f.Certainty)})
	}
	if f := known.Format; known.FormatKnown {
		n := ident.CertificateNumber(string(s.Code) + f.NumberFormat.Example())
		out = append(out, q.stated(p, fact{Name: p.T("party.field.number", nil), Value: p.T("participants.example", lang.Args{"number": n})}, f.Source, f.Certainty))
	} else {
		add("number", p.T("participants.number_unknown", nil), "")
	}
	return out
}

// stated gives a fact its source. Where that is a statement of the Participant, named by
// register and digest, it is said so, and the way leads there.
func (q *question) stated(p *lang.Printer, f fact, source string, c party.Certainty) fact {
	var h canonical.Hash
	origin, digest, found := strings.Cut(source, " ")
	if !found || h.UnmarshalText([]byte(digest)) != nil {
		f.Source = partyweb.SourceWords(p, source, c)
		return f
	}
	f.Source = p.T("participants.own_account", lang.Args{"register": origin})
	if q.here[h] {
		f.Path = "/register/" + h.String()
	}
	return f
}

func territory(p *lang.Printer, t place.Territory, on period.Date) fact {
	f := fact{Name: p.Country(t.Country), Value: days(p, t.Valid), Source: partyweb.SourceWords(p, t.Source, party.Certainty(t.Verified))}
	if !t.Settled(on) {
		f.Value = strings.TrimPrefix(f.Value+", "+p.T("party.unsettled", nil), ", ")
	}
	return f
}

// events lists the changes that count for the list, with the standing after each.
func (q *question) events(tx *store.Tx, p *lang.Printer, code ident.ParticipantCode) (out []event, err error) {
	for _, e := range q.Register.History(q.by, code) {
		after := q.standing(code, max(period.Min, e.When.Until.AddDays(-1)))
		x := event{When: partyweb.DateWords(p, e), What: whatOf(p, e), Mark: mark(after),
			After: partyweb.StandingWords(p, after), Source: sourceOf(p, e)}
		if e.Adopter != "" {
			x.Reading = p.T("party.adopter", lang.Args{"by": e.Adopter})
		}
		if e.Choice != "" {
			x.Reading = strings.TrimPrefix(x.Reading+", "+p.T("participants.reading", lang.Args{"reading": e.Alternative}), ", ")
			_, chosen := q.Register.Chosen(e.Choice)
			x.Open = !chosen
		}
		if !e.Statement.IsZero() {
			if state, _, err := ledger.StateOf(tx, e.Statement); err != nil {
				return nil, err
			} else if state != 0 {
				x.Path = "/register/" + e.Statement.String()
			}
		}
		out = append(out, x)
	}
	return out, nil
}

// statements are the ways from a Participant to what it has stated in this register.
func statements(tx *store.Tx, p *lang.Printer, code ident.ParticipantCode) (out []entry, err error) {
	kinds, err := listing.Kinds(tx)
	if err != nil {
		return nil, err
	}
	for _, k := range kinds {
		e := entry{"/register?by=" + k.Issuer, p.T("participants.register.by", lang.Args{"office": k.Issuer})}
		if strings.HasPrefix(k.Issuer, string(code)+"/") && !slices.Contains(out, e) {
			out = append(out, e)
		}
	}
	accounts, err := stated.Accounts(tx)
	for _, a := range accounts {
		state, _, err := ledger.StateOf(tx, a.Hash)
		if err != nil {
			return nil, err
		}
		if a.Code == code && state != 0 {
			out = append(out, entry{"/register/" + a.Hash.String(), p.T("participants.register.account", lang.Args{"time": a.IssuedAt})})
		}
	}
	return out, err
}
