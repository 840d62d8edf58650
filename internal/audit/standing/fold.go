package standing

import (
	"cmp"
	"maps"
	"slices"
)

// marks is what events have left of a Participant. Each kind sets or clears marks
// of its own subject: a readmission ends no embargo, a reinstatement no suspension
// that the Participant has put upon itself.
type marks uint8

const (
	member marks = 1 << iota
	entity
	suspended
	selfSuspended
	embargoed
	conditional
	restricted
)

// effect gives what a kind of event sets, and what it clears first.
func effect(kind string) (set, clear marks) {
	switch kind {
	case "admitted":
		return member, 0
	case "removed", "absorbed":
		return 0, ^embargoed
	case "trading_entity":
		return entity, 0
	case "suspended":
		return suspended, conditional
	case "conditional":
		return conditional, suspended
	case "reinstated":
		return 0, suspended | conditional
	case "self_suspended", "still_flagged":
		return selfSuspended, 0
	case "self_suspension_lifted":
		return 0, selfSuspended
	case "un_embargo":
		return embargoed, 0
	case "un_embargo_lifted":
		return 0, embargoed
	case "restricted":
		return restricted, 0
	case "restriction_lifted":
		return 0, restricted
	}
	return 0, 0 // zones decide nothing here: no public statement says from which the goods are
}

func (m marks) answer() Answer {
	s := Answer{Member: m&member != 0, Entity: m&entity != 0, Trade: "free"}
	switch {
	case m&(member|entity) == 0, m&(suspended|selfSuspended|embargoed) != 0:
		s.Trade = "none"
	case m&conditional != 0:
		s.Trade = "zones"
	case m&restricted != 0:
		s.Trade = "part"
	}
	return s
}

// ending lists what undoes an event of a kind: with one of these between, a later
// event of the kind is another.
func ending(kind string) []string {
	return map[string][]string{
		"admitted": {"removed", "absorbed"}, "trading_entity": {"removed", "absorbed"}, "removed": {"admitted", "trading_entity"}, "absorbed": {"admitted"},
		"suspended": {"conditional", "reinstated", "removed"}, "conditional": {"suspended", "reinstated", "removed"}, "reinstated": {"suspended", "conditional"},
		"zone_cleared": {"zone_closed"}, "zone_closed": {"zone_cleared"},
		"self_suspended": {"self_suspension_lifted"}, "still_flagged": {"self_suspension_lifted"}, "self_suspension_lifted": {"self_suspended", "still_flagged"},
		"un_embargo": {"un_embargo_lifted"}, "un_embargo_lifted": {"un_embargo"}, "restricted": {"restriction_lifted"}, "restriction_lifted": {"restricted"},
	}[kind]
}

// add takes in an event. Their order decides nothing.
func (r *Register) add(code string, c change) {
	es := append(r.events[code], c)
	slices.SortFunc(es, func(x, y change) int { return cmp.Or(cmp.Compare(x.from, y.from), cmp.Compare(x.until, y.until)) })
	r.events[code] = es
	for _, day := range []int64{c.from, c.until} {
		if at, there := slices.BinarySearch(r.dates[code], day); !there {
			r.dates[code] = slices.Insert(r.dates[code], at, day)
		}
	}
}

// history is the events that count on an adopter's list: its own days in place of
// the scheme's for the same change (domain.md 2.7), and of a question that was
// answered only the reading taken.
func (r *Register) history(code, adopter string) (out []change) {
	var mine []change
	for _, e := range r.events[code] {
		if chosen := r.choices[e.choice]; (e.adopter == "" || e.adopter == adopter) && (e.choice == "" || chosen == "" || chosen == e.alternative) {
			mine = append(mine, e)
		}
	}
	for _, e := range mine {
		if e.adopter != "" || !slices.ContainsFunc(mine, func(own change) bool { return own.adopter != "" && own.is(e, mine) }) {
			out = append(out, e)
		}
	}
	return out
}

// is tells whether own is the day on which an adopter took the scheme's change e
// over: the same change, not earlier, and between the two e was neither undone nor
// made again.
func (own change) is(e change, all []change) bool {
	zone := e.kind == "zone_cleared" || e.kind == "zone_closed"
	if own.kind != e.kind || own.from < e.from || zone && own.what != e.what {
		return false
	}
	for _, b := range all {
		if b.from <= e.from || b.from > own.from || zone && b.what != e.what {
			continue
		}
		again := b.kind == e.kind && b.adopter == "" && (e.choice == "" || b.choice != e.choice)
		if again || slices.Contains(ending(e.kind), b.kind) {
			return false
		}
	}
	return true
}

// answers gives every answer that some reading of the open questions, some day of
// the uncertain events and some order of those whose days overlap allow: one when
// it can be told.
func (r *Register) answers(code, adopter string, day int64) (out []Answer) {
	for _, world := range r.worlds(r.history(code, adopter)) {
		states, whole := reached(world, day)
		for m := range states {
			if s := m.answer(); !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
		if none := (Answer{Trade: "none"}); !whole && !slices.Contains(out, none) {
			out = append(out, none)
		}
	}
	return out
}

// worlds gives the history once for each way to answer its open questions.
func (r *Register) worlds(history []change) [][]change {
	worlds := [][]change{history}
	asked := map[string][]string{}
	for _, e := range history {
		if e.choice != "" && r.choices[e.choice] == "" && !slices.Contains(asked[e.choice], e.alternative) {
			asked[e.choice] = append(asked[e.choice], e.alternative)
		}
	}
	for _, question := range slices.Sorted(maps.Keys(asked)) {
		var more [][]change
		for _, w := range worlds {
			for _, reading := range asked[question] {
				more = append(more, slices.DeleteFunc(slices.Clone(w), func(e change) bool { return e.choice == question && e.alternative != reading }))
			}
		}
		worlds = more
	}
	return worlds
}

// mostTogether bounds how many events of unknown order are tried in every order;
// no published history has so many.
const mostTogether = 10

// reached gives what the events may have left by the end of a day. It takes them
// in groups whose days overlap; the groups' order is certain. whole is false when
// there were too many in a group to try.
func reached(events []change, day int64) (states map[marks]bool, whole bool) {
	states, whole = map[marks]bool{0: true}, true
	for len(events) > 0 {
		n, end := 1, events[0].until
		for n < len(events) && events[n].from <= end {
			end = max(end, events[n].until)
			n++
		}
		group := slices.DeleteFunc(slices.Clone(events[:n]), func(e change) bool {
			set, clear := effect(e.kind)
			return e.from > day || set|clear == 0
		})
		events = events[n:]
		if len(group) > mostTogether {
			group, whole = group[:mostTogether], false
		}
		states = anyOrder(group, day, states)
	}
	return states, whole
}

// anyOrder walks every order that the days of a group allow, some of whose events
// may not have happened yet. A step is the events done so far and what they left.
func anyOrder(group []change, day int64, states map[marks]bool) map[marks]bool {
	type step struct {
		done uint16
		left marks
	}
	sure := uint16(0)
	for i, e := range group {
		if e.until <= day {
			sure |= 1 << i
		}
	}
	out := map[marks]bool{}
	seen := map[step]bool{}
	var walk func(step)
	walk = func(s step) {
		if seen[s] {
			return
		}
		seen[s] = true
		if s.done&sure == sure {
			out[s.left] = true
		}
		for i, e := range group {
			if s.done&(1<<i) != 0 || !allBefore(group, s.done, e) {
				continue
			}
			set, clear := effect(e.kind)
			walk(step{s.done | 1<<i, s.left&^clear | set})
		}
	}
	for m := range states {
		walk(step{0, m})
	}
	return out
}

// allBefore tells whether every event that lies wholly before e is done.
func allBefore(group []change, done uint16, e change) bool {
	for i, o := range group {
		if o.until < e.from && done&(1<<i) == 0 {
			return false
		}
	}
	return true
}
