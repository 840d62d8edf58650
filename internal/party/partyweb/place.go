package partyweb

import (
	"fmt"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/internal/party"
	"adamas.example/internal/period"
	"adamas.example/internal/place"
)

type territoryView struct {
	Country     string   `json:"country"`
	Name        words    `json:"name"`
	Participant string   `json:"participant"`
	Days        daysView `json:"days"`
	Settled     bool     `json:"settled"` // no source leaves a doubt about the day
	Source      string   `json:"source"`
	Note        string   `json:"note,omitempty"`
	Certainty   string   `json:"certainty"`
}

func territoryOf(t place.Territory, on period.Date) territoryView {
	return territoryView{Country: string(t.Country), Name: inThree(func(l lang.Language) string { return place.CountryName(t.Country, l.Tag()) }),
		Participant: string(t.Participant), Days: daysOf(t.Valid), Settled: t.Settled(on), Source: t.Source, Note: t.Note, Certainty: string(t.Verified)}
}

// parts is the territory of a Participant on the day: for most, one country.
func (a *asked) parts(code ident.ParticipantCode) []place.Territory {
	return place.TerritoriesOf(code, a.on)
}

// placeCmd shows whose certificates are asked for in a country.
type placeCmd struct {
	listFlags
	Country string `arg:"" help:"cli_party_place_country"`
}

// Run has it done.
func (c *observersCmd) Run(env *module.Env) error { return c.give(env, c) }

// Do has it done.
func (c *placeCmd) Run(env *module.Env) error { return c.give(env, c) }

// Do prints the Participant in whose territory it lies, and its standing.
func (c *placeCmd) Do(env *module.Env, n *module.Node) error {
	a, err := c.open(env, n)
	if err != nil {
		return err
	}
	country, err := ident.ParseCountry(c.Country)
	if err != nil {
		return fault.Locate(err, fault.At("COUNTRY"))
	}
	t, ok := a.Register.PlaceOn(a.by, country, a.on)
	if c.JSON {
		if !ok {
			return env.JSON(map[string]any{"country": string(country), "on": a.on, "territory": nil, "standing": nil})
		}
		return env.JSON(map[string]any{"country": string(country), "on": a.on, "territory": territoryOf(t.Territory, a.on), "standing": a.standingOf(t.Standing, false)})
	}
	if !ok {
		env.Say("party.place.none", lang.Args{"country": country, "on": a.on})
		return nil
	}
	env.Say("party.place.is", lang.Args{"country": country, "participant": t.Participant, "on": a.on})
	fmt.Fprintf(env.Out, "  %s%s\n", a.inWords(t.Standing), unsettled(env, t.Settled))
	fmt.Fprintf(env.Out, " %s\n", sourced(env, t.Source, party.Certainty(t.Verified)))
	return nil
}

// observersCmd lists who takes part without a vote.
type observersCmd struct{ listFlags }

// Run prints the observers of the day, and those of whom the day is not known.
func (c *observersCmd) Do(env *module.Env, n *module.Node) error {
	a, err := c.open(env, n)
	if err != nil {
		return err
	}
	type view struct {
		ID        string             `json:"id"`
		Name      words              `json:"name"`
		Kind      party.ObserverKind `json:"kind"`
		Country   string             `json:"country,omitempty"`
		PartOf    string             `json:"part_of,omitempty"`
		Observer  *bool              `json:"observer"` // on the day; null: not known
		Since     daysView           `json:"since"`    // the days on which it may have begun
		Until     *period.Date       `json:"until"`
		Source    string             `json:"source"`
		Certainty string             `json:"certainty"`
	}
	out, rows := []view{}, [][]string{}
	for _, o := range a.Observers {
		is, known := o.On(a.on)
		v := view{ID: o.ID, Name: inThree(o.Name), Kind: o.Kind, Country: string(o.Country), PartOf: o.PartOf, Since: daysOf(o.Since), Until: o.Until,
			Source: o.Source, Certainty: string(o.Certainty)}
		state := "party.observer.unknown"
		if known {
			v.Observer = &is
			state = map[bool]string{true: "party.observer.yes", false: "party.observer.no"}[is]
		}
		out = append(out, v)
		rows = append(rows, []string{o.ID, o.Name(env.Words.Language()), env.Words.T("party.observer."+string(o.Kind), nil), o.PartOf, env.Words.T(state, nil)})
	}
	if c.JSON {
		return env.JSON(map[string]any{"on": a.on, "observers": out})
	}
	table(env, rows)
	return nil
}
