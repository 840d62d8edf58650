package party

import (
	"slices"

	"adamas.example/internal/period"
)

// state is what decides trade. Each event sets or clears marks of its own
// subject, so that events about different things may come in any order: a
// readmission does not end an embargo.
type state struct {
	member, entity                                bool
	suspended, self, embargo, conditional, partly bool
}

// after is the state that an event leaves.
func (s state) after(k Kind) state {
	switch k {
	case Admitted:
		s.member = true
	case Removed, Absorbed:
		s = state{embargo: s.embargo}
	case TradingEntity:
		s.entity = true
	case Suspended:
		s.suspended, s.conditional = true, false
	case Conditional:
		s.suspended, s.conditional = false, true
	case Reinstated:
		s.suspended, s.conditional = false, false
	case SelfSuspended, StillFlagged:
		s.self = true
	case SelfLifted:
		s.self = false
	case Embargo:
		s.embargo = true
	case EmbargoLifted:
		s.embargo = false
	case Restricted:
		s.partly = true
	case RestrictionEnded:
		s.partly = false
	}
	return s
}

// outcome is what a state means for trade.
func (s state) outcome() Outcome {
	o := Outcome{Member: s.member, Entity: s.entity, Trade: Free}
	switch {
	case !s.member && !s.entity, s.suspended, s.self, s.embargo:
		o.Trade = None
	case s.conditional:
		o.Trade = Zones
	case s.partly:
		o.Trade = Part
	}
	return o
}

// mostTogether bounds how many events of unknown order are tried in every order.
const mostTogether = 10

// states gives every state that the events, which are sorted, allow on a day. An
// event whose days are not over has happened or has not; events whose days
// overlap have happened in any order. whole is false when there were too many of
// them to try, which no published history has.
func states(events []Event, on period.Date) (reached map[state]bool, whole bool) {
	reached, whole = map[state]bool{{}: true}, true
	for len(events) > 0 {
		n, end := 1, events[0].When.Until
		for n < len(events) && events[n].When.From < end {
			end = max(end, events[n].When.Until)
			n++
		}
		together := slices.DeleteFunc(slices.Clone(events[:n]), func(e Event) bool {
			_, perhaps := e.happened(on)
			return !perhaps || e.Kind.ofZone()
		})
		events = events[n:]
		if len(together) > mostTogether {
			whole = false
			together = together[:mostTogether]
		}
		reached = inAnyOrder(together, on, reached)
	}
	return reached, whole
}

// inAnyOrder goes through every subset of the events that may have happened, in
// every order that their days allow.
func inAnyOrder(events []Event, on period.Date, from map[state]bool) map[state]bool {
	must := 0
	for i := range events {
		if surely, _ := events[i].happened(on); surely {
			must |= 1 << i
		}
	}
	at := make([]map[state]bool, 1<<len(events))
	at[0] = from
	out := map[state]bool{}
	for set, here := range at {
		if here == nil {
			continue
		}
		for i := range events {
			if set&(1<<i) != 0 || !mayBeNext(events, set, i) {
				continue
			}
			next := set | 1<<i
			if at[next] == nil {
				at[next] = map[state]bool{}
			}
			for s := range here {
				at[next][s.after(events[i].Kind)] = true
			}
		}
		if set&must == must {
			for s := range here {
				out[s] = true
			}
		}
	}
	return out
}

// mayBeNext: no event outside the set lies wholly before event i.
func mayBeNext(events []Event, set, i int) bool {
	for j := range events {
		if j != i && set&(1<<j) == 0 && events[j].When.Until <= events[i].When.From {
			return false
		}
	}
	return true
}

// readings gives the history once for each way to answer the questions in it
// that nobody has answered: without one, the history itself.
func readings(events []Event, open func(Event) bool) [][]Event {
	var names []string
	alternatives := map[string][]string{}
	for _, e := range events {
		if !open(e) {
			continue
		}
		if !slices.Contains(names, e.Choice) {
			names = append(names, e.Choice)
		}
		if !slices.Contains(alternatives[e.Choice], e.Alternative) {
			alternatives[e.Choice] = append(alternatives[e.Choice], e.Alternative)
		}
	}
	worlds := [][]Event{events}
	for _, q := range names {
		var next [][]Event
		for _, world := range worlds {
			for _, a := range alternatives[q] {
				next = append(next, slices.DeleteFunc(slices.Clone(world), func(e Event) bool { return e.Choice == q && e.Alternative != a }))
			}
		}
		worlds = next
	}
	return worlds
}

// zones gives the zones that are cleared on the day by one reading: surely, and
// perhaps. A suspension, or its end, closes the list.
func zones(events []Event, on period.Date) (surely, perhaps map[string]bool) {
	surely, perhaps = map[string]bool{}, map[string]bool{}
	for _, e := range events {
		done, may := e.happened(on)
		switch {
		case !may:
		case e.Kind == ZoneCleared && done:
			surely[e.What], perhaps[e.What] = true, true
		case e.Kind == ZoneCleared:
			perhaps[e.What] = true
		case e.Kind == ZoneClosed && done:
			delete(surely, e.What)
			delete(perhaps, e.What)
		case e.Kind == ZoneClosed:
			delete(surely, e.What)
		case done && (e.Kind == Suspended || e.Kind == Reinstated || e.Kind == Removed || e.Kind == Absorbed):
			clear(surely)
			clear(perhaps)
		}
	}
	return surely, perhaps
}

// unordered tells whether the event's days overlap those of another that has
// happened too, and their order makes a difference.
func unordered(e Event, history []Event, on period.Date) bool {
	return slices.ContainsFunc(history, func(o Event) bool {
		surely, _ := o.happened(on)
		return surely && o.When.Overlaps(e.When) && !commute(e.Kind, o.Kind)
	})
}

// commute tells whether two kinds come to the same in either order, whatever was
// before them.
func commute(a, b Kind) bool {
	for bits := range 1 << 7 {
		s := state{member: bits&1 != 0, entity: bits&2 != 0, suspended: bits&4 != 0, self: bits&8 != 0,
			embargo: bits&16 != 0, conditional: bits&32 != 0, partly: bits&64 != 0}
		if s.after(a).after(b) != s.after(b).after(a) {
			return false
		}
	}
	return true
}
