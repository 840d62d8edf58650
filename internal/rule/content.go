package rule

import (
	"slices"

	"adamas.example/internal/ident"
	"adamas.example/internal/period"
)

// Format is the version of the canonical form this package writes and reads.
const Format = 1

// Severity says what a failed rule does.
type Severity string

// The severities, gravest first. What Appendix A of domain.md calls escalate
// and late list is Warn, archive is Inform, case is Block.
const (
	Block  Severity = "block"
	Warn   Severity = "warn"
	Inform Severity = "inform"
)

// Certainty says how the author of a set knows a source.
type Certainty string

// The marks of domain.md: a tag [Snn], [M], [I], CONFLICT.
const (
	Seen      Certainty = "seen"      // read in the source itself
	Memory    Certainty = "memory"    // remembered, to be checked before quoting
	Inference Certainty = "inference" // concluded or proposed, no fact of the scheme
	Conflict  Certainty = "conflict"  // sources disagree
)

// Side says whose rule it is: which Participant a Scope's Participant must be.
type Side string

// With SideAny there is no exporter and importer, so no override by pair.
const (
	SideAny      Side = "any"
	SideExporter Side = "exporter"
	SideImporter Side = "importer"
)

// Words is a sentence in the three languages, paragraphs parted by an empty line.
type Words struct {
	EN string `cbor:"1,keyasint"`
	FR string `cbor:"2,keyasint"`
	PT string `cbor:"3,keyasint"`
}

// Source is where a rule or a value comes from: a paragraph of the scheme, a
// law, a document.
type Source struct {
	Ref       string    `cbor:"1,keyasint"`
	Certainty Certainty `cbor:"2,keyasint"`
}

// When selects the cases an override is for: one Participant, or one pair
// exporter and importer, or everybody; and the days.
type When struct {
	Participant ident.ParticipantCode `cbor:"1,keyasint,omitempty"`
	Exporter    ident.ParticipantCode `cbor:"2,keyasint,omitempty"`
	Importer    ident.ParticipantCode `cbor:"3,keyasint,omitempty"`
	From        *period.Date          `cbor:"4,keyasint,omitempty"` // first day; nil: since ever
	Until       *period.Date          `cbor:"5,keyasint,omitempty"` // last day; nil: no end
}

// Setting is a value with its sources, or conflicting alternatives with the one
// chosen. Exactly one of Value and Alternatives is set.
type Setting struct {
	Value        *Value        `cbor:"1,keyasint,omitempty"`
	Sources      []Source      `cbor:"2,keyasint,omitempty"`
	Alternatives []Alternative `cbor:"3,keyasint,omitempty"`
	Choose       string        `cbor:"4,keyasint,omitempty"`
}

// Alternative is one reading where sources conflict.
type Alternative struct {
	ID      string   `cbor:"1,keyasint"`
	Value   *Value   `cbor:"2,keyasint"`
	Sources []Source `cbor:"3,keyasint"`
}

// Override is the value for some cases.
type Override struct {
	When    When    `cbor:"1,keyasint"`
	Setting Setting `cbor:"2,keyasint"`
}

// SeverityOverride is the severity for some cases.
type SeverityOverride struct {
	When     When     `cbor:"1,keyasint"`
	Severity Severity `cbor:"2,keyasint"`
	Sources  []Source `cbor:"3,keyasint"`
}

// Param is a named value of a rule. Base is nil when only some Participants or
// dates have a value at all.
type Param struct {
	Name      string     `cbor:"1,keyasint"`
	Type      Type       `cbor:"2,keyasint"`
	Label     Words      `cbor:"3,keyasint"`
	Of        []string   `cbor:"4,keyasint,omitempty"` // what a word or code may be
	Base      *Setting   `cbor:"5,keyasint,omitempty"`
	Overrides []Override `cbor:"6,keyasint,omitempty"`
}

// Rule is one rule for the days From to Until. The same ID may stand again for
// other days.
type Rule struct {
	ID           string                  `cbor:"1,keyasint"`
	Severity     Severity                `cbor:"2,keyasint"`
	Side         Side                    `cbor:"3,keyasint"`
	From         *period.Date            `cbor:"4,keyasint"`
	Until        *period.Date            `cbor:"5,keyasint,omitempty"` // last day; nil: no end
	Participants []ident.ParticipantCode `cbor:"6,keyasint,omitempty"` // none: all
	AdoptedBy    string                  `cbor:"7,keyasint,omitempty"`
	Text         Words                   `cbor:"8,keyasint"`
	Sources      []Source                `cbor:"9,keyasint"`
	Severities   []SeverityOverride      `cbor:"10,keyasint,omitempty"`
	Params       []Param                 `cbor:"11,keyasint,omitempty"`
}

// Content is a whole rule set as data. Build makes a Set of it.
type Content struct {
	Format    int          `cbor:"1,keyasint"`
	ID        string       `cbor:"2,keyasint"`
	Version   int          `cbor:"3,keyasint"`
	Title     Words        `cbor:"4,keyasint"`
	Text      Words        `cbor:"5,keyasint"`
	Sources   []Source     `cbor:"6,keyasint"`
	AdoptedBy string       `cbor:"7,keyasint,omitempty"` // empty: adopted by nobody, a proposal
	From      *period.Date `cbor:"8,keyasint"`
	Until     *period.Date `cbor:"9,keyasint,omitempty"` // last day; nil: no end
	Rules     []Rule       `cbor:"10,keyasint"`
}

// days is the range from first to last day, both inside, open where nil.
func days(first, last *period.Date) period.Range {
	r := period.Range{From: period.Min, Until: period.Max}
	if first != nil {
		r.From = *first
	}
	if last != nil {
		r.Until = last.AddDays(1)
	}
	return r
}

// Span is the range of days the selector is for.
func (w When) Span() period.Range { return days(w.From, w.Until) }

// Span is the range of days the rule is in force.
func (r Rule) Span() period.Range { return days(r.From, r.Until) }

// Span is the range of days the set is meant for.
func (c Content) Span() period.Range { return days(c.From, c.Until) }

// Specificity orders selectors by how narrowly they choose the Participants:
// 3 a pair, 2 a Participant, 1 everybody. The value of the parameter itself
// ranks 0, below all.
func (w When) Specificity() int {
	switch {
	case w.Exporter != "" || w.Importer != "":
		return 3
	case w.Participant != "":
		return 2
	}
	return 1
}

// sameCases reports that w and o select the same Participants.
func (w When) sameCases(o When) bool {
	return w.Participant == o.Participant && w.Exporter == o.Exporter && w.Importer == o.Importer
}

// selects reports that w is for the scope, where side says which of exporter
// and importer the scope's Participant is.
func (w When) selects(side Side, sc Scope) bool {
	if !w.Span().Contains(sc.On) {
		return false
	}
	switch w.Specificity() {
	case 3:
		exporter, importer := sc.Participant, sc.Counterpart
		if side == SideImporter {
			exporter, importer = importer, exporter
		}
		return w.Exporter == exporter && w.Importer == importer
	case 2:
		return w.Participant == sc.Participant
	}
	return true
}

// clone copies what a caller could otherwise reach into the set by.
func (r *Rule) clone() Rule {
	c := *r
	c.From, c.Until = cloneDay(r.From), cloneDay(r.Until)
	c.Participants, c.Sources = slices.Clone(r.Participants), slices.Clone(r.Sources)
	c.Severities, c.Params = slices.Clone(r.Severities), slices.Clone(r.Params)
	for i := range c.Severities {
		o := &c.Severities[i]
		o.When, o.Sources = o.When.clone(), slices.Clone(o.Sources)
	}
	for i := range c.Params {
		p := &c.Params[i]
		p.Of, p.Overrides = slices.Clone(p.Of), slices.Clone(p.Overrides)
		if p.Base != nil {
			p.Base = new(p.Base.clone())
		}
		for j := range p.Overrides {
			o := &p.Overrides[j]
			o.When, o.Setting = o.When.clone(), o.Setting.clone()
		}
	}
	return c
}

func (w When) clone() When {
	w.From, w.Until = cloneDay(w.From), cloneDay(w.Until)
	return w
}

func (s Setting) clone() Setting {
	s.Value, s.Sources, s.Alternatives = s.Value.clone(), slices.Clone(s.Sources), slices.Clone(s.Alternatives)
	for i := range s.Alternatives {
		a := &s.Alternatives[i]
		a.Value, a.Sources = a.Value.clone(), slices.Clone(a.Sources)
	}
	return s
}

func (v *Value) clone() *Value {
	if v == nil {
		return nil
	}
	c := *v
	c.Codes = slices.Clone(v.Codes)
	return &c
}

func cloneDay(d *period.Date) *period.Date {
	if d == nil {
		return nil
	}
	return new(*d)
}
