package partyweb

import (
	"slices"
	"strings"

	"adamas.example/internal/lang"
	"adamas.example/internal/party"
	"adamas.example/internal/party/stated"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
)

// StandingWords says a standing in a few words.
func StandingWords(p *lang.Printer, s party.Standing) string {
	var out string
	switch {
	case len(s.Possible) > 1:
		return p.T("party.standing.open", nil)
	case s.Entity:
		out = p.T("party.standing.entity", nil)
	case s.Member:
		out = p.T("party.standing.member", nil)
	default:
		return p.T("party.standing.no_participant", nil)
	}
	return out + ", " + p.T("party.trade."+string(s.Trade), nil)
}

// DateWords says a day, a month, a year or the time between two of them as the source
// gives it, in the reader's form.
func DateWords(p *lang.Printer, e party.Event) string {
	parts := strings.Split(e.Date, "/")
	for i, part := range parts {
		if d, err := period.Parse(part); err == nil {
			parts[i] = p.Date(d)
		} else if d, err := period.Parse(part + "-01"); err == nil {
			parts[i] = p.Month(d)
		}
	}
	return strings.Join(parts, " – ")
}

// SourceWords is a source with how well what it says is known.
func SourceWords(p *lang.Printer, source string, c party.Certainty) string {
	known := p.T("party.certainty."+string(c), nil)
	if source == "" {
		return known
	}
	return source + " · " + known
}

// Counted is a list of standings, counted.
type Counted struct {
	Shown                     []party.Standing // of whom took part, or may have
	Left                      []party.Standing // of whom had taken part, and did not any more
	Members, Entities, Unsure int
}

// Count counts a list as Register.List gives it.
func Count(list []party.Standing) (c Counted) {
	for _, s := range list {
		some := false
		for _, o := range s.Possible {
			some = some || o.Member || o.Entity
		}
		switch {
		case s.Member:
			c.Members++
		case s.Entity:
			c.Entities++
		case some:
			c.Unsure++
		case len(s.Basis) > 0:
			c.Left = append(c.Left, s)
		}
		if some {
			c.Shown = append(c.Shown, s)
		}
	}
	return c
}

// Said is what Participants have stated that bears on everybody's standing.
type Said struct {
	Events  []party.Event
	Formats []party.Format
}

// ReadSaid reads it from a node's view of the registers.
func ReadSaid(tx *store.Tx) (s Said, err error) {
	if s.Events, err = stated.Events(tx); err != nil {
		return s, err
	}
	s.Formats, err = stated.Formats(tx)
	return s, err
}

// Equal tells whether nothing has been stated since.
func (s Said) Equal(o Said) bool {
	return slices.Equal(s.Events, o.Events) && slices.Equal(s.Formats, o.Formats)
}

// Join is the published tables with what has been stated joined to them.
func (s Said) Join(published *party.Scheme) (_ *party.Scheme, err error) {
	out := *published
	out.Formats = out.Formats.With(s.Formats...)
	out.Register, err = out.Register.With(s.Events...)
	return &out, err
}
