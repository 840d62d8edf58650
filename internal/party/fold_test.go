package party

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"adamas.example/internal/ident"
	"adamas.example/internal/period"
)

// TestOrderOfRowsDecidesNothing: a table in any order says the same.
func TestOrderOfRowsDecidesNothing(t *testing.T) {
	all := events(t)
	r := register(t, nil)
	rapid.Check(t, func(t *rapid.T) {
		choices := map[string]string{}
		for q, as := range r.Open() {
			if rapid.Bool().Draw(t, "choose "+q) {
				choices[q] = rapid.SampledFrom(as).Draw(t, q)
			}
		}
		straight, err := NewRegister(all, choices)
		if err != nil {
			t.Fatal(err)
		}
		shuffled, err := NewRegister(rapid.Permutation(all).Draw(t, "rows"), choices)
		if err != nil {
			t.Fatal(err)
		}
		d := period.MustDay(2003, 1, 1).AddDays(rapid.IntRange(-400, 9000).Draw(t, "day"))
		by := rapid.SampledFrom([]ident.ParticipantCode{"", "US", "CH", "CF"}).Draw(t, "by")
		if diff := cmp.Diff(straight.List(by, d), shuffled.List(by, d)); diff != "" {
			t.Fatal(diff)
		}
	})
}

// TestDayBoundaries: between two dated events nothing changes, and on the day of
// an event only the Participant it is about.
func TestDayBoundaries(t *testing.T) {
	r := register(t, chosen)
	for _, code := range r.Codes() {
		edges, near := map[period.Date]bool{}, map[period.Date]bool{}
		for _, e := range r.History("", code) {
			for _, d := range []period.Date{e.When.From, e.When.Until.AddDays(-1)} {
				edges[d] = true
				near[d-1], near[d], near[d+1] = true, true, true
			}
		}
		before := r.On(code, period.MustDay(2002, 12, 31))
		if before.Member || before.Entity || before.Trade != None || len(before.Basis) > 0 {
			t.Errorf("%s stood somewhere before the scheme began: %+v", code, before)
		}
		for d := period.MustDay(2003, 1, 1); d < period.MustDay(2027, 1, 1); d++ {
			if d.Day() != 1 && !near[d] {
				continue // a day among others, so that the test does not last
			}
			now := r.On(code, d)
			if !edges[d] && !cmp.Equal(now.Possible, before.Possible) {
				t.Fatalf("%s changed on %s without an event: %v, then %v", code, d, before.Possible, now.Possible)
			}
			before = now
		}
	}
}

// possible goes through every day that every event may have had, and every order
// of those of one day: the same question, asked the long way.
func possible(events []Event, on period.Date, done map[Outcome]bool, days []period.Date) {
	if len(days) < len(events) {
		for d := events[len(days)].When.From; d < events[len(days)].When.Until; d++ {
			possible(events, on, done, append(slices.Clone(days), d))
		}
		return
	}
	var all []int
	for i := range events {
		if days[i] <= on {
			all = append(all, i)
		}
	}
	permute(all, 0, func(order []int) {
		if !slices.IsSortedFunc(order, func(a, b int) int { return int(days[a]) - int(days[b]) }) {
			return
		}
		var s state
		for _, i := range order {
			s = s.after(events[i].Kind)
		}
		done[s.outcome()] = true
	})
}

func permute(a []int, k int, f func([]int)) {
	if k == len(a) {
		f(a)
		return
	}
	for i := k; i < len(a); i++ {
		a[k], a[i] = a[i], a[k]
		permute(a, k+1, f)
		a[k], a[i] = a[i], a[k]
	}
}

// TestEveryAnswerAndNoOther: Possible is what comes of every day and order that
// the sources leave open, no less and no more.
func TestEveryAnswerAndNoOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 4).Draw(t, "events")
		var history []Event
		for range n {
			first := period.MustDay(2010, 1, 1).AddDays(rapid.IntRange(0, 6).Draw(t, "from"))
			e := Event{Code: "CF", Kind: rapid.SampledFrom(slices.DeleteFunc(Kinds(), Kind.ofZone)).Draw(t, "kind"), What: "w", Source: "s", Certainty: Seen,
				When: period.Days(first, first.AddDays(rapid.IntRange(0, 3).Draw(t, "days")))}
			history = append(history, e)
		}
		r, err := NewRegister(history, nil)
		if err != nil {
			t.Fatal(err)
		}
		on := period.MustDay(2010, 1, 1).AddDays(rapid.IntRange(-1, 10).Draw(t, "on"))
		want := map[Outcome]bool{}
		possible(history, on, want, nil)
		got := map[Outcome]bool{}
		s := r.On("CF", on)
		for _, o := range s.Possible {
			got[o] = true
		}
		if !maps.Equal(want, got) {
			t.Fatalf("on %s %v, want %v", on, got, want)
		}
		if len(got) > 1 == (len(s.Uncertain) == 0) {
			t.Fatalf("%d answers and %d open events", len(got), len(s.Uncertain))
		}
		for o := range want {
			if stricter(o.Trade, s.Trade) != s.Trade || s.Member && !o.Member || s.Entity && !o.Entity {
				t.Fatalf("%+v is less cautious than %+v", s.Outcome, o)
			}
		}
	})
}

// TestTooManyTogetherIsOpen: a list with more events on one day than can be tried
// is answered with caution, and soon.
func TestTooManyTogetherIsOpen(t *testing.T) {
	d := period.MustDay(2010, 1, 1)
	var many []Event
	for i := range 200 {
		many = append(many, Event{Code: "CF", Kind: kinds[i%2], What: fmt.Sprint(i), Source: "s", Certainty: Seen, When: period.Days(d, d.AddDays(30))})
	}
	r, err := NewRegister(many, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := r.On("CF", d.AddDays(400))
	if _, ok := s.InGoodStanding(); ok || s.Trade != None || len(s.Uncertain) == 0 {
		t.Errorf("%+v", s.Outcome)
	}
}

// TestNationalAdoption: a Participant's own day for a change counts in its list
// and in no other.
func TestNationalAdoption(t *testing.T) {
	base := register(t, chosen)
	us := func(date string, kind Kind, code ident.ParticipantCode) Event {
		when, err := span(date)
		if err != nil {
			t.Fatal(err)
		}
		return Event{When: when, Date: date, Code: code, Kind: kind, Adopter: "US", What: "w", Source: "s", Certainty: Seen}
	}
	r, err := base.With(us("2013-07-01", Suspended, "CF"), us("2025-02-01", Reinstated, "CF"), us("2003-06-01", Admitted, "CA"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		by   ident.ParticipantCode
		code ident.ParticipantCode
		on   string
		want Trade
	}{
		{"US", "CF", "2013-06-30", Free}, {"US", "CF", "2013-07-01", None}, {"CH", "CF", "2013-06-30", None}, {"", "CF", "2013-06-30", None},
		{"US", "CF", "2025-01-31", Zones}, {"US", "CF", "2025-02-01", Free}, {"", "CF", "2025-01-31", Free}, {"CH", "CF", "2025-01-31", Free},
		{"US", "CA", "2003-05-31", None}, {"US", "CA", "2003-06-01", Free}, {"", "CA", "2003-05-31", Free},
		{"US", "CI", "2004-01-01", Free}, // deleted in 2008 and listed again: not the adoption of 2003
		{"US", "CM", "2003-02-01", Free}, {"US", "CM", "2013-01-01", None}, {"", "CM", "2013-01-01", Free},
	} {
		if s := r.SeenBy(c.by, c.code, day(t, c.on)); s.Trade != c.want || len(s.Possible) != 1 {
			t.Errorf("%s by %q on %s: %v, want %s", c.code, c.by, c.on, s.Possible, c.want)
		}
	}
	if got := base.SeenBy("US", "CF", day(t, "2013-06-30")).Trade; got != None {
		t.Errorf("With changed the register it was called on: %s", got)
	}
	if got := r.Adopters(); !slices.Equal(got, []ident.ParticipantCode{"CH", "US"}) {
		t.Error(got)
	}
}

// TestZonesByDay: Berbérati's day depends on the reading, the others' do not.
func TestZonesByDay(t *testing.T) {
	r := register(t, nil)
	for on, want := range map[string][2]string{
		"2015-12-01": {"", ""}, "2016-03-15": {"", "Berbérati"}, "2016-07-01": {"Berbérati", ""}, "2016-09-18": {"Berbérati", ""},
		"2016-09-19": {"Berbérati Boda Carnot Nola", ""}, "2019-06-01": {"Berbérati Boda Carnot Gadzi Nola", "Boganangone Boganda Mbaïki"},
		"2020-01-01": {"Berbérati Boda Boganangone Boganda Carnot Gadzi Mbaïki Nola", ""}, "2024-11-15": {"", ""},
	} {
		s := r.On("CF", day(t, on))
		surely, perhaps := strings.Join(s.Zones, " "), strings.Join(s.ZonesPerhaps, " ")
		if surely != want[0] || perhaps != want[1] {
			t.Errorf("%s: %q and perhaps %q, want %q", on, surely, perhaps, want)
		}
	}
	closed, err := register(t, chosen).With(Event{When: period.Days(day(t, "2020-05-01"), day(t, "2020-05-01")), Code: "CF", Kind: ZoneClosed, What: "Boda", Source: "s", Certainty: Seen})
	if err != nil {
		t.Fatal(err)
	}
	if s := closed.On("CF", day(t, "2020-05-01")); slices.Contains(s.Zones, "Boda") || len(s.Zones) != 7 {
		t.Error(s.Zones)
	}
}
