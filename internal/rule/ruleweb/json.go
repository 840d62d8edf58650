package ruleweb

import (
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
)

// The JSON of rules: keys snake_case, days ISO 8601, decimals as strings.

// words is a text in the three languages.
type words struct {
	EN string `json:"en"`
	FR string `json:"fr"`
	PT string `json:"pt"`
}

type sourceView struct {
	Ref       string `json:"ref"`
	Certainty string `json:"certainty"`
}

// whenView is what an override is for; empty for everybody and every day.
type whenView struct {
	Participant string `json:"participant,omitempty"`
	Exporter    string `json:"exporter,omitempty"`
	Importer    string `json:"importer,omitempty"`
	From        string `json:"valid_from,omitempty"`
	Until       string `json:"valid_until,omitempty"`
}

type originView struct {
	Override    *whenView    `json:"override,omitempty"`
	Alternative string       `json:"alternative,omitempty"`
	Certainty   string       `json:"certainty"`
	Sources     []sourceView `json:"sources"`
}

// paramView is a parameter; From stands where one scope's value is shown, Setting
// and Overrides where the whole rule is.
type paramView struct {
	Name      string        `json:"name"`
	Type      string        `json:"type"`
	Label     words         `json:"label"`
	Of        []string      `json:"of,omitempty"`
	Value     any           `json:"value"` // null: no value for this case
	From      *originView   `json:"from,omitempty"`
	Setting   *settingView  `json:"setting,omitempty"`
	Overrides []settingView `json:"overrides,omitempty"`
}

type settingView struct {
	When         *whenView         `json:"when,omitempty"`
	Value        any               `json:"value"`
	Sources      []sourceView      `json:"sources,omitempty"`
	Alternatives []alternativeView `json:"alternatives,omitempty"`
	Choose       string            `json:"choose,omitempty"`
}

type alternativeView struct {
	ID      string       `json:"id"`
	Value   any          `json:"value"`
	Sources []sourceView `json:"sources"`
}

type severityView struct {
	When     whenView     `json:"when"`
	Severity string       `json:"severity"`
	Sources  []sourceView `json:"sources"`
}

type ruleView struct {
	ruleSummary
	Participants []string       `json:"participants,omitempty"`
	AdoptedBy    string         `json:"adopted_by,omitempty"`
	Sources      []sourceView   `json:"sources"`
	Severities   []severityView `json:"severity_overrides,omitempty"`
	Params       []paramView    `json:"params"`
}

func viewOf(r rule.Rule) ruleView {
	out := ruleView{ruleSummary: ruleSummary{r.ID, string(r.Severity), string(r.Side), day(r.From), day(r.Until), words(r.Text)},
		AdoptedBy: r.AdoptedBy, Sources: sourcesOf(r.Sources), Params: []paramView{}}
	for _, p := range r.Participants {
		out.Participants = append(out.Participants, string(p))
	}
	for _, o := range r.Severities {
		out.Severities = append(out.Severities, severityView{whenOf(o.When), string(o.Severity), sourcesOf(o.Sources)})
	}
	for _, p := range r.Params {
		view := paramView{Name: p.Name, Type: string(p.Type), Label: words(p.Label), Of: p.Of}
		if p.Base != nil {
			base := settingOf(p.Type, *p.Base)
			view.Value, view.Setting = base.Value, &base
		}
		for _, o := range p.Overrides {
			s := settingOf(p.Type, o.Setting)
			s.When = new(whenOf(o.When))
			view.Overrides = append(view.Overrides, s)
		}
		out.Params = append(out.Params, view)
	}
	return out
}

// settingOf gives a setting with the value that counts: its own, or the chosen
// alternative's.
func settingOf(t rule.Type, s rule.Setting) settingView {
	out := settingView{Choose: s.Choose}
	if s.Value != nil {
		out.Value, out.Sources = s.Value.Plain(t), sourcesOf(s.Sources)
	}
	for _, a := range s.Alternatives {
		out.Alternatives = append(out.Alternatives, alternativeView{a.ID, a.Value.Plain(t), sourcesOf(a.Sources)})
		if a.ID == s.Choose {
			out.Value = a.Value.Plain(t)
		}
	}
	return out
}

func sourcesOf(sources []rule.Source) []sourceView {
	out := []sourceView{}
	for _, s := range sources {
		out = append(out, sourceView{s.Ref, string(s.Certainty)})
	}
	return out
}

func originOf(o rule.Origin) originView {
	out := originView{Alternative: o.Alternative, Certainty: string(o.Certainty), Sources: sourcesOf(o.Sources)}
	if o.Override != nil {
		out.Override = new(whenOf(*o.Override))
	}
	return out
}

func whenOf(w rule.When) whenView {
	return whenView{string(w.Participant), string(w.Exporter), string(w.Importer), day(w.From), day(w.Until)}
}

// day is "2026-11-23", "" for none.
func day(d *period.Date) string {
	if d == nil {
		return ""
	}
	return d.String()
}
