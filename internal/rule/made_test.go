package rule_test

import (
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"adamas.example/internal/ident"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
)

// A made-up set, drawn so that it is always valid: properties of the canonical
// form hold for any set, not only for the ones shipped.

var (
	participants = []ident.ParticipantCode{"CA", "CF", "EU", "IN", "SL", "US"}
	someDays     = []period.Date{12053, 14000, 16633, 18000, 20000}
	certainties  = []rule.Certainty{rule.Seen, rule.Memory, rule.Inference}
	words        = []string{"alpha", "beta", "gamma", "delta"}
)

func drawLine(t *rapid.T, label string) string {
	return rapid.StringMatching(`[A-Za-zéàçõ"'\\#=\[\]{}][A-Za-z0-9éàçõ ,"'\\#=\[\]{}]{0,20}[a-z.]`).Draw(t, label)
}

func drawText(t *rapid.T, paragraphs bool) rule.Words {
	three := make([]string, 3)
	for i := range three {
		three[i] = strings.Join(strings.Fields(drawLine(t, "line")), " ")
		if paragraphs && rapid.Bool().Draw(t, "two paragraphs") {
			three[i] += "\n\n" + strings.Join(strings.Fields(drawLine(t, "line")), " ")
		}
	}
	return rule.Words{EN: three[0], FR: three[1], PT: three[2]}
}

func drawSources(t *rapid.T) []rule.Source {
	n := rapid.IntRange(1, 3).Draw(t, "sources")
	sources := make([]rule.Source, n)
	for i := range sources {
		sources[i] = rule.Source{
			Ref:       fmt.Sprintf("%d %s", i, drawLine(t, "ref")),
			Certainty: rapid.SampledFrom(certainties).Draw(t, "certainty"),
		}
	}
	return sources
}

func drawValue(t *rapid.T, typ rule.Type) *rule.Value {
	number := func(most int64) *rule.Value {
		return &rule.Value{Number: rapid.Int64Range(0, most).Draw(t, "number")}
	}
	switch typ {
	case rule.TypeBool:
		return number(1)
	case rule.TypeDays, rule.TypeHours:
		return number(36500)
	case rule.TypeLimit:
		l := period.Limit{N: rapid.IntRange(1, 36500).Draw(t, "n"), Unit: rapid.SampledFrom([]period.Unit{
			period.CalendarDays, period.WorkingDays, period.Weeks, period.Months, period.Years}).Draw(t, "unit")}
		return &rule.Value{Text: l.String()}
	case rule.TypeMonthDay:
		return &rule.Value{Text: someDays[rapid.IntRange(0, 4).Draw(t, "day")].String()[5:]}
	case rule.TypeText:
		return &rule.Value{Text: drawLine(t, "value")}
	case rule.TypeWord:
		return &rule.Value{Text: rapid.SampledFrom(words).Draw(t, "word")}
	case rule.TypeCodes:
		return &rule.Value{Codes: rapid.Permutation(words).Draw(t, "codes")[:rapid.IntRange(0, 4).Draw(t, "how many")]}
	}
	return number(1_000_000_000)
}

func drawSetting(t *rapid.T, typ rule.Type) rule.Setting {
	if rapid.IntRange(0, 3).Draw(t, "conflict") > 0 {
		return rule.Setting{Value: drawValue(t, typ), Sources: drawSources(t)}
	}
	s := rule.Setting{Choose: rapid.SampledFrom([]string{"one", "two"}).Draw(t, "choose")}
	for _, id := range []string{"two", "one"} {
		s.Alternatives = append(s.Alternatives, rule.Alternative{ID: id, Value: drawValue(t, typ), Sources: drawSources(t)})
	}
	return s
}

// drawWhens gives selectors none of which tie.
func drawWhens(t *rapid.T, side rule.Side) []rule.When {
	var whens []rule.When
	add := func(base rule.When) {
		days := rapid.SliceOfNDistinct(rapid.SampledFrom(someDays), 2, 2, rapid.ID).Draw(t, "days")
		slices.Sort(days)
		switch rapid.IntRange(0, 3).Draw(t, "dates") {
		case 0:
			if base != (rule.When{}) {
				whens = append(whens, base)
			}
		case 1:
			base.From = new(days[0])
			whens = append(whens, base)
		case 2:
			base.Until = new(days[0])
			later := base
			later.From, later.Until = new(days[0]+1), nil
			whens = append(whens, base, later)
		case 3:
			base.From, base.Until = new(days[0]), new(days[1])
			whens = append(whens, base)
		}
	}
	if rapid.Bool().Draw(t, "by date") {
		add(rule.When{})
	}
	for _, p := range rapid.SliceOfNDistinct(rapid.SampledFrom(participants), 0, 2, rapid.ID).Draw(t, "participants") {
		add(rule.When{Participant: p})
	}
	if side != rule.SideAny && rapid.Bool().Draw(t, "by pair") {
		pair := rapid.Permutation(participants).Draw(t, "pair")
		add(rule.When{Exporter: pair[0], Importer: pair[1]})
	}
	return whens
}

func drawParam(t *rapid.T, name string, side rule.Side) rule.Param {
	p := rule.Param{Name: name, Type: rapid.SampledFrom(rule.Types()).Draw(t, "type"), Label: drawText(t, false)}
	if p.Type == rule.TypeWord || p.Type == rule.TypeCodes && rapid.Bool().Draw(t, "listed") {
		p.Of = rapid.Permutation(words).Draw(t, "of")
	}
	for _, w := range drawWhens(t, side) {
		p.Overrides = append(p.Overrides, rule.Override{When: w, Setting: drawSetting(t, p.Type)})
	}
	if len(p.Overrides) == 0 || rapid.Bool().Draw(t, "base") {
		p.Base = new(drawSetting(t, p.Type))
	}
	return p
}

func drawRule(t *rapid.T, id string) rule.Rule {
	r := rule.Rule{
		ID:       id,
		Severity: rapid.SampledFrom([]rule.Severity{rule.Block, rule.Warn, rule.Inform}).Draw(t, "severity"),
		Side:     rapid.SampledFrom([]rule.Side{rule.SideAny, rule.SideExporter, rule.SideImporter}).Draw(t, "side"),
		From:     new(someDays[0]),
		Text:     drawText(t, true),
		Sources:  drawSources(t),
	}
	if rapid.Bool().Draw(t, "adopted") {
		r.AdoptedBy = drawLine(t, "adopted by")
	}
	for _, w := range drawWhens(t, r.Side) {
		r.Severities = append(r.Severities, rule.SeverityOverride{
			When: w, Severity: rapid.SampledFrom([]rule.Severity{rule.Block, rule.Warn}).Draw(t, "severity"), Sources: drawSources(t)})
	}
	for _, name := range words[:rapid.IntRange(0, 3).Draw(t, "params")] {
		r.Params = append(r.Params, drawParam(t, name, r.Side))
	}
	if len(r.Params) == 0 && len(r.Severities) == 0 && rapid.Bool().Draw(t, "for some") {
		r.Participants = rapid.SliceOfNDistinct(rapid.SampledFrom(participants), 1, 3, rapid.ID).Draw(t, "participants")
		r.Until = new(someDays[4])
	}
	return r
}

func drawContent(t *rapid.T) rule.Content {
	c := rule.Content{
		Format: rule.Format, ID: "made-up", Version: rapid.IntRange(1, 99).Draw(t, "version"),
		Title: drawText(t, false), Text: drawText(t, true), Sources: drawSources(t), From: new(someDays[0]),
	}
	if rapid.Bool().Draw(t, "adopted") {
		c.AdoptedBy = drawLine(t, "adopted by")
	}
	if rapid.Bool().Draw(t, "ends") {
		c.Until = new(someDays[4] + 500)
	}
	for i := range rapid.IntRange(1, 3).Draw(t, "rules") {
		c.Rules = append(c.Rules, drawRule(t, fmt.Sprintf("R-TST-%02d", i)))
	}
	return c
}
