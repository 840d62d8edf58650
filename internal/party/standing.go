package party

import (
	"slices"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/period"
)

// Trade is what a Participant may export on a day.
type Trade string

// The answers. Uncertain is a property of the Standing, not a fifth answer.
const (
	Free  Trade = "free"  // every certificate
	Zones Trade = "zones" // from the cleared zones only
	Part  Trade = "part"  // part of the production is restricted
	None  Trade = "none"
)

// Standing is where a Participant stands on a day, and why.
type Standing struct {
	Code      ident.ParticipantCode
	On        period.Date
	Member    bool // a Participant (a suspended one remains a member)
	Entity    bool // may trade without being one
	Trade     Trade
	Zones     []string     // cleared zones, when Trade is Zones
	Since     period.Range // of the last event that counts
	Basis     []Event      // the events that decide, in order
	Uncertain []Event      // events of which one cannot tell whether they count on that day
}

// InGoodStanding tells whether certificates of the Participant are to be
// accepted at all (KPCS III(c)); ok is false when that cannot be told.
func (s Standing) InGoodStanding() (good, ok bool) {
	return (s.Member || s.Entity) && s.Trade != None, len(s.Uncertain) == 0
}

// Register answers who stood where on any day.
type Register struct {
	events  map[ident.ParticipantCode][]Event
	choices map[string]string
}

// NewRegister folds events. choices names the reading of each question on
// which sources disagree; a question that is not in choices stays open. Fault
// party.no_such_alternative.
func NewRegister(events []Event, choices map[string]string) (*Register, error) {
	r := &Register{events: map[ident.ParticipantCode][]Event{}, choices: choices}
	known := map[string][]string{}
	for _, e := range events {
		r.events[e.Code] = append(r.events[e.Code], e)
		if e.Choice != "" {
			known[e.Choice] = append(known[e.Choice], e.Alternative)
		}
	}
	for q, a := range choices {
		if !slices.Contains(known[q], a) {
			return nil, fault.Invalid("party.no_such_alternative", fault.At(q), fault.Text(a))
		}
	}
	for _, es := range r.events {
		slices.SortStableFunc(es, func(a, b Event) int { return int(a.When.From) - int(b.When.From) })
	}
	return r, nil
}

// Codes lists every code that ever stood in the register, in order.
func (r *Register) Codes() []ident.ParticipantCode {
	var out []ident.ParticipantCode
	for c := range r.events {
		out = append(out, c)
	}
	slices.Sort(out)
	return out
}

// Open lists the questions on which sources disagree and nothing was chosen,
// with their alternatives.
func (r *Register) Open() map[string][]string {
	out := map[string][]string{}
	for _, es := range r.events {
		for _, e := range es {
			if _, chosen := r.choices[e.Choice]; e.Choice != "" && !chosen && !slices.Contains(out[e.Choice], e.Alternative) {
				out[e.Choice] = append(out[e.Choice], e.Alternative)
			}
		}
	}
	return out
}

// On is the standing by the scheme's own decisions.
func (r *Register) On(code ident.ParticipantCode, on period.Date) Standing {
	return r.SeenBy("", code, on)
}

// SeenBy is the standing by the list of one adopting state: where that state
// took a kind of change into its law on a day of its own, its day counts
// instead of the scheme's.
func (r *Register) SeenBy(adopter, code ident.ParticipantCode, on period.Date) Standing {
	s := Standing{Code: code, On: on, Trade: None}
	for _, e := range r.relevant(adopter, code) {
		surely, perhaps := e.happened(on)
		switch {
		case !perhaps:
		case !surely, e.Choice != "" && r.choices[e.Choice] == "":
			s.Uncertain = append(s.Uncertain, e)
		default:
			s.apply(e)
		}
	}
	return s
}

// relevant gives the events that count for an adopter, in order of time:
// those of the readings chosen, the scheme's own unless the adopter has the
// same change with a date of its own.
func (r *Register) relevant(adopter, code ident.ParticipantCode) []Event {
	var out []Event
	for _, e := range r.events[code] {
		if e.Adopter != "" && e.Adopter != adopter {
			continue
		}
		if chosen := r.choices[e.Choice]; e.Choice != "" && chosen != "" && chosen != e.Alternative {
			continue
		}
		if e.Adopter == "" && adopter != "" && r.adopted(adopter, e) {
			continue
		}
		out = append(out, e)
	}
	return out
}

// adopted tells whether the adopter has the change of e with a later day.
func (r *Register) adopted(adopter ident.ParticipantCode, e Event) bool {
	return slices.ContainsFunc(r.events[e.Code], func(o Event) bool {
		return o.Adopter == adopter && o.Kind == e.Kind && o.When.From >= e.When.From
	})
}

func (s *Standing) apply(e Event) {
	switch e.Kind {
	case Admitted:
		s.Member, s.Trade = true, Free
	case Removed, Absorbed:
		s.Member, s.Trade, s.Zones = false, None, nil
	case TradingEntity:
		s.Entity, s.Trade = true, Free
	case Suspended, SelfSuspended, Embargo, StillFlagged:
		s.Trade, s.Zones = None, nil
	case Conditional:
		s.Trade = Zones
	case ZoneCleared:
		s.Zones = append(s.Zones, e.What)
	case Restricted:
		s.Trade = Part
	case Reinstated, SelfLifted, EmbargoLifted, RestrictionEnded:
		s.Trade, s.Zones = Free, nil
	}
	s.Since = e.When
	s.Basis = append(s.Basis, e)
}
