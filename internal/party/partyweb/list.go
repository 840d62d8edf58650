package partyweb

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/internal/party"
	"adamas.example/internal/period"
)

// listCmd lists who took part on a day.
type listCmd struct {
	listFlags
	All bool `help:"cli_party_list_all"`
}

// Run has it done.
func (c *questionsCmd) Run(env *module.Env) error { return c.give(env, c) }

// Do has it done.
func (c *historyCmd) Run(env *module.Env) error { return c.give(env, c) }

// Do has it done.
func (c *showCmd) Run(env *module.Env) error { return c.give(env, c) }

// Do has it done.
func (c *listCmd) Run(env *module.Env) error { return c.give(env, c) }

// Do prints a line for each Participant, and how many there are.
func (c *listCmd) Do(env *module.Env, n *module.Node) error {
	a, err := c.open(env, n)
	if err != nil {
		return err
	}
	all := a.Register.List(a.by, a.on)
	counted := Count(all)
	shown := counted.Shown
	if c.All {
		shown = all
	}
	if c.JSON {
		list := []standingView{}
		for _, s := range shown {
			list = append(list, a.standingOf(s, false))
		}
		return env.JSON(map[string]any{"on": a.on, "by": string(a.by), "participants": counted.Members, "entities": counted.Entities, "unsure": counted.Unsure,
			"open_questions": len(a.Register.Open()), "list": list})
	}
	rows := [][]string{}
	for _, s := range shown {
		p, _ := a.Profile(s.Code, a.on)
		mark := ""
		for _, f := range p.Footnotes {
			mark += " " + f.Mark
		}
		rows = append(rows, []string{string(s.Code), env.Words.Participant(s.Code) + mark, a.inWords(s)})
	}
	table(env, rows)
	fmt.Fprintln(env.Out)
	env.Say("party.list.count", lang.Args{"count": counted.Members, "on": a.on})
	env.Say("party.list.entities", lang.Args{"entities": counted.Entities, "unsure": counted.Unsure})
	a.sayList()
	return nil
}

// sayList says by whose list it was, and how many questions nobody has answered.
func (a *asked) sayList() {
	if a.by != "" {
		a.env.Say("party.by", lang.Args{"by": a.by})
	}
	if n := len(a.Register.Open()); n > 0 {
		a.env.Say("party.open", lang.Args{"count": n})
	}
}

// table prints columns, the last as long as it is.
func table(env *module.Env, rows [][]string) {
	var wide []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(wide) {
				wide = append(wide, 0)
			}
			wide[i] = max(wide[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			line.WriteString(cell)
			if i < len(row)-1 {
				line.WriteString(strings.Repeat(" ", wide[i]-utf8.RuneCountInString(cell)+2))
			}
		}
		fmt.Fprintln(env.Out, strings.TrimRight(line.String(), " "))
	}
}

// showCmd shows one Participant on a day.
type showCmd struct {
	listFlags
	Code string `arg:"" help:"cli_party_code"`
}

// profileView is what is known of a Participant.
type profileView struct {
	standingView
	Authorities []authorityView `json:"authorities"`
	Footnotes   []footnoteView  `json:"footnotes"`
	Form        *formView       `json:"number_form"` // null: not known
	Territory   []territoryView `json:"territory"`
}

type authorityView struct {
	Name      string   `json:"name"`
	Days      daysView `json:"days"`
	Source    string   `json:"source"`
	Certainty string   `json:"certainty"`
}

type footnoteView struct {
	Mark      string   `json:"mark"`
	Text      words    `json:"text"`
	Days      daysView `json:"days"`
	Source    string   `json:"source"`
	Certainty string   `json:"certainty"`
}

type formView struct {
	Form      string           `json:"form"`
	Example   string           `json:"example"`
	Parcel    party.ParcelRule `json:"parcel_rule"`
	Source    string           `json:"source"`
	Certainty string           `json:"certainty"`
}

// Run prints its standing, the events behind it with their sources, and what else
// is known.
func (c *showCmd) Do(env *module.Env, n *module.Node) error {
	a, err := c.open(env, n)
	if err != nil {
		return err
	}
	code, profile, err := a.known(c.Code)
	if err != nil {
		return err
	}
	s := a.Register.SeenBy(a.by, code, a.on)
	if c.JSON {
		return env.JSON(a.profileOf(s, profile))
	}
	t := func(key string) string { return env.Words.T(key, nil) }
	env.Say("party.show.title", lang.Args{"participant": code, "code": string(code), "on": a.on})
	env.Fields([2]string{t("party.field.standing"), a.inWords(s)}, [2]string{t("party.field.zones"), strings.Join(s.Zones, ", ")},
		[2]string{t("party.field.zones_perhaps"), strings.Join(s.ZonesPerhaps, ", ")})
	for _, x := range profile.Authorities {
		name := x.Name
		if !x.When.Open() {
			name += ", " + env.Words.T("party.listed_before", lang.Args{"on": x.When.Until})
		}
		env.Fields([2]string{t("party.field.authority"), name + sourced(env, x.Source, x.Certainty)})
	}
	for _, f := range profile.Footnotes {
		env.Fields([2]string{f.Mark, f.In(env.Words.Language()) + sourced(env, f.Source, f.Certainty)})
	}
	if f := profile.Format; profile.FormatKnown {
		env.Fields([2]string{t("party.field.number"), string(code) + f.NumberFormat.Example() + sourced(env, f.Source, f.Certainty)})
	}
	for _, p := range a.parts(code) {
		env.Fields([2]string{t("party.field.territory"), env.Words.Country(p.Country) + unsettled(env, p.Settled(a.on)) + sourced(env, p.Source, party.Certainty(p.Verified))})
	}
	a.events("party.show.basis", s.Basis)
	a.events("party.show.uncertain", s.Uncertain)
	a.sayList()
	return nil
}

// known reads a code that some table names.
func (a *asked) known(typed string) (ident.ParticipantCode, party.Profile, error) {
	code, err := participant("CODE", typed)
	if err != nil {
		return "", party.Profile{}, err
	}
	p, ok := a.Profile(code, a.on)
	if !ok {
		return "", p, fault.NotFound("party.unknown", fault.At("CODE"), fault.Text(typed))
	}
	return code, p, nil
}

// events prints events under a heading; nothing when there are none.
func (a *asked) events(heading string, events []party.Event) {
	if len(events) == 0 {
		return
	}
	fmt.Fprintln(a.env.Out)
	a.env.Say(heading, nil)
	for _, e := range events {
		a.event(e)
	}
}

func (a *asked) event(e party.Event) {
	t := func(key string) string { return a.env.Words.T(key, nil) }
	fmt.Fprintf(a.env.Out, "  %s  %s: %s\n", a.when(e), t("party.kind."+string(e.Kind)), e.What)
	more := sourced(a.env, e.Source, e.Certainty)
	if e.Adopter != "" {
		more += " " + a.env.Words.T("party.adopter", lang.Args{"by": e.Adopter})
	}
	if e.Choice != "" {
		more += " " + a.env.Words.T("party.reading", lang.Args{"question": e.Choice, "reading": e.Alternative})
	}
	fmt.Fprintf(a.env.Out, "     %s\n", more)
}

// sourced is a source with how well it is known, after what it is of.
func sourced(env *module.Env, source string, c party.Certainty) string {
	return " (" + SourceWords(env.Words, source, c) + ")"
}

func unsettled(env *module.Env, settled bool) string {
	if settled {
		return ""
	}
	return ", " + env.Words.T("party.unsettled", nil)
}

func (a *asked) profileOf(s party.Standing, p party.Profile) profileView {
	v := profileView{standingView: a.standingOf(s, true), Authorities: []authorityView{}, Footnotes: []footnoteView{}, Territory: []territoryView{}}
	for _, x := range p.Authorities {
		v.Authorities = append(v.Authorities, authorityView{x.Name, daysOf(x.When), x.Source, string(x.Certainty)})
	}
	for _, f := range p.Footnotes {
		v.Footnotes = append(v.Footnotes, footnoteView{f.Mark, inThree(f.In), daysOf(f.When), f.Source, string(f.Certainty)})
	}
	if f := p.Format; p.FormatKnown {
		v.Form = &formView{f.String(), string(s.Code) + f.NumberFormat.Example(), f.Parcel, f.Source, string(f.Certainty)}
	}
	for _, part := range a.parts(s.Code) {
		v.Territory = append(v.Territory, territoryOf(part, a.on))
	}
	return v
}

// historyCmd shows every dated change about a Participant.
type historyCmd struct {
	listFlags
	Code string `arg:"" help:"cli_party_code"`
}

// Run prints the events that count for the list, with the standing after each.
func (c *historyCmd) Do(env *module.Env, n *module.Node) error {
	a, err := c.open(env, n)
	if err != nil {
		return err
	}
	code, _, err := a.known(c.Code)
	if err != nil {
		return err
	}
	events := a.Register.History(a.by, code)
	if c.JSON {
		return env.JSON(map[string]any{"code": string(code), "by": string(a.by), "events": eventsOf(events)})
	}
	env.Say("party.history.title", lang.Args{"participant": code, "code": string(code)})
	for _, e := range events {
		a.event(e)
		after := a.Register.SeenBy(a.by, code, max(period.Min, e.When.Until.AddDays(-1)))
		fmt.Fprintf(env.Out, "     → %s\n", a.inWords(after))
	}
	a.sayList()
	return nil
}

// questionsCmd shows where sources disagree.
type questionsCmd struct{ listFlags }

// Run prints every question with its readings and which was chosen.
func (c *questionsCmd) Do(env *module.Env, n *module.Node) error {
	a, err := c.open(env, n)
	if err != nil {
		return err
	}
	type view struct {
		Name     string      `json:"question"`
		Text     words       `json:"text"`
		Chosen   *string     `json:"chosen"` // null: open
		Readings []eventView `json:"readings"`
	}
	out := []view{}
	questions := a.Register.Questions()
	for _, q := range a.Questions {
		events := questions[q.Name]
		v := view{Name: q.Name, Text: inThree(q.In), Readings: eventsOf(events)}
		if chosen, ok := a.Register.Chosen(q.Name); ok {
			v.Chosen = &chosen
		}
		out = append(out, v)
		if c.JSON {
			continue
		}
		fmt.Fprintf(env.Out, "%s  %s\n", q.Name, q.In(env.Words.Language()))
		for _, e := range events {
			mark := " "
			if v.Chosen != nil && *v.Chosen == e.Alternative {
				mark = "*"
			}
			fmt.Fprintf(env.Out, "  %s %s  %s, %s%s\n", mark, e.Alternative, a.when(e), e.What, sourced(env, e.Source, e.Certainty))
		}
	}
	if c.JSON {
		return env.JSON(out)
	}
	a.sayList()
	return nil
}
