package party

import (
	"cmp"
	"maps"
	"slices"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/period"
)

// Trade is what a Participant may export on a day.
type Trade string

// The answers, from the freest. Uncertain is a property of the Standing, not a
// fifth answer.
const (
	Free  Trade = "free"  // every certificate
	Part  Trade = "part"  // part of the production is restricted
	Zones Trade = "zones" // from the cleared zones only
	None  Trade = "none"
)

var trades = []Trade{Free, Part, Zones, None}

// stricter is the one of two that lets less through.
func stricter(a, b Trade) Trade { return trades[max(slices.Index(trades, a), slices.Index(trades, b))] }

// Outcome is one thing that may be so on a day.
type Outcome struct {
	Member bool  `json:"member"` // a Participant (a suspended one remains a member)
	Entity bool  `json:"entity"` // may trade without being one
	Trade  Trade `json:"trade"`
}

// good tells whether certificates are to be accepted at all.
func (o Outcome) good() bool { return (o.Member || o.Entity) && o.Trade != None }

// Standing is where a Participant stands on a day by one list, and why. Where
// several things may be so, Outcome is the most cautious of them.
type Standing struct {
	Outcome
	Code         ident.ParticipantCode
	By           ident.ParticipantCode // whose list; empty: the scheme's own decisions
	On           period.Date
	Possible     []Outcome    // each thing that may be so; one when it is known
	Zones        []string     // cleared zones, when Trade is Zones
	ZonesPerhaps []string     // of which one cannot tell
	Since        period.Range // of the last event that counts; empty for none
	Basis        []Event      // the events that decide, in order
	Uncertain    []Event      // why Possible has several: events of an unknown day or order, readings nobody has chosen
}

// InGoodStanding tells whether certificates of the Participant are to be
// accepted at all (KPCS III(c)); ok is false when that cannot be told.
func (s Standing) InGoodStanding() (good, ok bool) {
	for _, o := range s.Possible {
		if o.good() != s.Possible[0].good() {
			return false, false
		}
	}
	return s.good(), true
}

// Register answers who stood where on any day. It does not change: With gives
// another one.
type Register struct {
	events  map[ident.ParticipantCode][]Event
	choices map[string]string
}

// mostQuestions bounds the open questions about one Participant; each doubles
// the histories that are tried.
const mostQuestions = 6

// NewRegister folds events, whose order does not matter. choices names the
// reading of each question on which sources disagree; a question that is not in
// choices stays open. Faults party.no_such_alternative, party.questions.
func NewRegister(events []Event, choices map[string]string) (*Register, error) {
	r := &Register{events: map[ident.ParticipantCode][]Event{}, choices: maps.Clone(choices)}
	known := map[string][]string{}
	asked := map[ident.ParticipantCode][]string{}
	for _, e := range events {
		r.events[e.Code] = append(r.events[e.Code], e)
		if e.Choice == "" {
			continue
		}
		known[e.Choice] = append(known[e.Choice], e.Alternative)
		if !slices.Contains(asked[e.Code], e.Choice) {
			asked[e.Code] = append(asked[e.Code], e.Choice)
		}
		if len(asked[e.Code]) > mostQuestions {
			return nil, fault.Invalid("party.questions", fault.Arg("code", string(e.Code)), fault.Arg("most", mostQuestions))
		}
	}
	for q, a := range choices {
		if !slices.Contains(known[q], a) {
			return nil, fault.Invalid("party.no_such_alternative", fault.At(q), fault.Text(a), fault.Arg("known", distinct(known[q])))
		}
	}
	for _, es := range r.events {
		slices.SortFunc(es, byDay)
	}
	return r, nil
}

// byDay orders events by their days and then by all else, so that the order of
// the rows in a file decides nothing.
func byDay(a, b Event) int {
	return cmp.Or(cmp.Compare(a.When.From, b.When.From), cmp.Compare(a.When.Until, b.When.Until),
		cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind)), cmp.Compare(a.Adopter, b.Adopter),
		cmp.Compare(a.Choice, b.Choice), cmp.Compare(a.Alternative, b.Alternative), cmp.Compare(a.What, b.What),
		cmp.Compare(a.Source, b.Source), slices.Compare(a.Statement[:], b.Statement[:]))
}

func distinct(s []string) []string { return slices.Compact(slices.Sorted(slices.Values(s))) }

// With is the register with more events: those that Participants have stated.
func (r *Register) With(events ...Event) (*Register, error) {
	all := slices.Clone(events)
	for _, es := range r.events {
		all = append(all, es...)
	}
	return NewRegister(all, r.choices)
}

// Codes lists every code that ever stood in the register, in order.
func (r *Register) Codes() []ident.ParticipantCode { return slices.Sorted(maps.Keys(r.events)) }

// Adopters lists the Participants that have dates of their own for a change.
func (r *Register) Adopters() []ident.ParticipantCode {
	found := map[ident.ParticipantCode]bool{}
	for _, es := range r.events {
		for _, e := range es {
			if e.Adopter != "" {
				found[e.Adopter] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// Open lists the questions on which sources disagree and nothing was chosen,
// with their alternatives.
func (r *Register) Open() map[string][]string {
	out := map[string][]string{}
	for q, events := range r.Questions() {
		if _, chosen := r.choices[q]; chosen {
			continue
		}
		for _, e := range events {
			if !slices.Contains(out[q], e.Alternative) {
				out[q] = append(out[q], e.Alternative)
			}
		}
	}
	return out
}

// Questions gives the events of every question on which sources disagree.
func (r *Register) Questions() map[string][]Event {
	out := map[string][]Event{}
	for _, code := range r.Codes() {
		for _, e := range r.events[code] {
			if e.Choice != "" {
				out[e.Choice] = append(out[e.Choice], e)
			}
		}
	}
	return out
}

// Chosen is the reading of a question that this register goes by; false while it
// is open.
func (r *Register) Chosen(question string) (string, bool) {
	a, ok := r.choices[question]
	return a, ok
}

// On is the standing by the scheme's own decisions.
func (r *Register) On(code ident.ParticipantCode, on period.Date) Standing {
	return r.SeenBy("", code, on)
}

// List is the whole list of one adopting Participant on a day: the standing of
// every code that ever stood in the register.
func (r *Register) List(adopter ident.ParticipantCode, on period.Date) []Standing {
	var out []Standing
	for _, c := range r.Codes() {
		out = append(out, r.SeenBy(adopter, c, on))
	}
	return out
}

// SeenBy is the standing by the list of one adopting Participant: where it took
// a change into its law on a day of its own, its day counts instead of the
// scheme's (domain.md 2.7).
func (r *Register) SeenBy(adopter, code ident.ParticipantCode, on period.Date) Standing {
	s := Standing{Code: code, By: adopter, On: on}
	history := r.History(adopter, code)
	found, whole := map[Outcome]bool{}, true
	worlds := readings(history, r.open)
	inAll, inSome := map[string]int{}, map[string]bool{}
	for _, world := range worlds {
		reached, all := states(world, on)
		whole = whole && all
		for st := range reached {
			found[st.outcome()] = true
		}
		surely, perhaps := zones(world, on)
		for z := range surely {
			inAll[z]++
		}
		maps.Copy(inSome, perhaps)
	}
	if !whole {
		found[Outcome{Trade: None}] = true
	}
	s.settle(found)
	if s.Trade == Zones {
		for _, z := range slices.Sorted(maps.Keys(inSome)) {
			if inAll[z] == len(worlds) {
				s.Zones = append(s.Zones, z)
			} else {
				s.ZonesPerhaps = append(s.ZonesPerhaps, z)
			}
		}
	}
	settled := len(s.Possible) == 1 // whatever the answers, the outcome is the same
	for _, e := range history {
		switch surely, perhaps := e.happened(on); {
		case !perhaps:
		case surely && (settled || whole && !r.open(e) && !unordered(e, history, on)):
			s.Basis, s.Since = append(s.Basis, e), e.When
		case !settled:
			s.Uncertain = append(s.Uncertain, e)
		}
	}
	return s
}

// settle takes the most cautious of what may be so.
func (s *Standing) settle(found map[Outcome]bool) {
	s.Possible = slices.SortedFunc(maps.Keys(found), func(a, b Outcome) int {
		return cmp.Or(cmp.Compare(slices.Index(trades, a.Trade), slices.Index(trades, b.Trade)), compareBool(a.Member, b.Member), compareBool(a.Entity, b.Entity))
	})
	s.Outcome = Outcome{Member: true, Entity: true, Trade: Free}
	for _, o := range s.Possible {
		s.Member, s.Entity, s.Trade = s.Member && o.Member, s.Entity && o.Entity, stricter(s.Trade, o.Trade)
	}
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// open tells whether the event belongs to a reading that nobody has chosen or
// passed over.
func (r *Register) open(e Event) bool { return e.Choice != "" && r.choices[e.Choice] == "" }

// History is the events that count for an adopter, in order of time: those of
// the readings chosen or still open, the scheme's own unless the adopter has the
// same change with a date of its own.
func (r *Register) History(adopter, code ident.ParticipantCode) []Event {
	var mine []Event
	for _, e := range r.events[code] {
		if e.Adopter != "" && e.Adopter != adopter {
			continue
		}
		if chosen := r.choices[e.Choice]; e.Choice != "" && chosen != "" && chosen != e.Alternative {
			continue
		}
		mine = append(mine, e)
	}
	if adopter == "" {
		return mine
	}
	var out []Event
	for _, e := range mine {
		if e.Adopter != "" || !slices.ContainsFunc(mine, func(o Event) bool { return adopts(o, e, mine) }) {
			out = append(out, e)
		}
	}
	return out
}

// adopts tells whether o is the adopter's day for the scheme's change e: the same
// change, no earlier, with nothing between them that undid e or did it again.
func adopts(o, e Event, history []Event) bool {
	if o.Adopter == "" || o.Kind != e.Kind || o.When.From < e.When.From || e.Kind.ofZone() && o.What != e.What {
		return false
	}
	return !slices.ContainsFunc(history, func(b Event) bool {
		if b.When.From <= e.When.From || b.When.From > o.When.From || b.Kind.ofZone() && b.What != e.What {
			return false
		}
		again := b.Kind == e.Kind && b.Adopter == "" && (e.Choice == "" || b.Choice != e.Choice)
		return again || slices.Contains(undoes[e.Kind], b.Kind)
	})
}

// undoes lists what ends the effect of a kind.
var undoes = map[Kind][]Kind{
	Admitted: {Removed, Absorbed}, TradingEntity: {Removed, Absorbed}, Removed: {Admitted, TradingEntity}, Absorbed: {Admitted},
	Suspended: {Conditional, Reinstated, Removed}, Conditional: {Suspended, Reinstated, Removed}, Reinstated: {Suspended, Conditional},
	ZoneCleared: {ZoneClosed}, ZoneClosed: {ZoneCleared},
	SelfSuspended: {SelfLifted}, StillFlagged: {SelfLifted}, SelfLifted: {SelfSuspended, StillFlagged},
	Embargo: {EmbargoLifted}, EmbargoLifted: {Embargo}, Restricted: {RestrictionEnded}, RestrictionEnded: {Restricted},
}
