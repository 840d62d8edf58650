package partyweb

import (
	"adamas.example/internal/lang"
	"adamas.example/internal/party"
	"adamas.example/internal/period"
)

// The JSON of Participants: keys snake_case, days ISO 8601, an end that is not
// known null.

// words is a text in the three languages.
type words struct {
	EN string `json:"en"`
	FR string `json:"fr"`
	PT string `json:"pt"`
}

func inThree(in func(lang.Language) string) words {
	return words{EN: in(lang.English), FR: in(lang.French), PT: in(lang.Portuguese)}
}

type daysView struct {
	From  *period.Date `json:"from"`
	Until *period.Date `json:"until"` // the first day on which it is no longer so
}

func daysOf(r period.Range) daysView {
	var v daysView
	if !r.Empty() && r.From != period.Min {
		v.From = &r.From
	}
	if !r.Empty() && !r.Open() {
		v.Until = &r.Until
	}
	return v
}

type eventView struct {
	Date        string     `json:"date"` // as the source gives it
	Code        string     `json:"code"`
	Kind        party.Kind `json:"kind"`
	Adopter     string     `json:"adopter,omitempty"`
	Choice      string     `json:"choice,omitempty"`
	Alternative string     `json:"alternative,omitempty"`
	What        string     `json:"what"`
	Source      string     `json:"source"`
	Certainty   string     `json:"certainty"`
	Statement   string     `json:"statement,omitempty"`
}

func eventsOf(events []party.Event) []eventView {
	out := []eventView{}
	for _, e := range events {
		v := eventView{Date: e.Date, Code: string(e.Code), Kind: e.Kind, Adopter: string(e.Adopter), Choice: e.Choice, Alternative: e.Alternative,
			What: e.What, Source: e.Source, Certainty: string(e.Certainty)}
		if !e.Statement.IsZero() {
			v.Statement = e.Statement.String()
		}
		out = append(out, v)
	}
	return out
}

type standingView struct {
	Code         string          `json:"code"`
	Name         words           `json:"name"`
	By           string          `json:"by"` // empty: the scheme's own decisions
	On           period.Date     `json:"on"`
	Member       bool            `json:"member"`
	Entity       bool            `json:"entity"`
	Trade        party.Trade     `json:"trade"`
	Good         *bool           `json:"in_good_standing"` // null: cannot be told
	Zones        []string        `json:"zones,omitempty"`
	ZonesPerhaps []string        `json:"zones_perhaps,omitempty"`
	Marks        []string        `json:"marks,omitempty"`
	Possible     []party.Outcome `json:"possible"` // each thing that may be so; one when it is known
	Basis        []eventView     `json:"basis,omitempty"`
	Uncertain    []eventView     `json:"uncertain,omitempty"`
}

// standingOf writes a standing; with its events when full.
func (a *asked) standingOf(s party.Standing, full bool) standingView {
	v := standingView{Code: string(s.Code), Name: inThree(func(l lang.Language) string { return party.Profile{Code: s.Code}.Name(l) }), By: string(s.By),
		On: s.On, Member: s.Member, Entity: s.Entity, Trade: s.Trade, Zones: s.Zones, ZonesPerhaps: s.ZonesPerhaps, Possible: s.Possible}
	if good, ok := s.InGoodStanding(); ok {
		v.Good = &good
	}
	p, _ := a.Profile(s.Code, s.On)
	for _, f := range p.Footnotes {
		v.Marks = append(v.Marks, f.Mark)
	}
	if full || len(s.Possible) > 1 {
		v.Uncertain = eventsOf(s.Uncertain)
	}
	if full {
		v.Basis = eventsOf(s.Basis)
	}
	return v
}

func (a *asked) inWords(s party.Standing) string { return StandingWords(a.env.Words, s) }

func (a *asked) when(e party.Event) string { return DateWords(a.env.Words, e) }
