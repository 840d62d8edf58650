package party

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"adamas.example/data"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/period"
)

func day(t testing.TB, s string) period.Date {
	t.Helper()
	d, err := period.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func events(t testing.TB) []Event {
	t.Helper()
	f, err := data.FS.Open("kp-documents/standing.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	es, err := ReadEvents("standing.csv", f)
	if err != nil {
		t.Fatal(err)
	}
	return es
}

// chosen is one complete set of readings; tests of the open ones say so.
var chosen = map[string]string{"CF-conditional": "written-procedure", "CF-suspension": "administrative-decision", "CF-berberati": "published", "GH-return": "year-2004", "VE-self-suspension": "us-notice-2010", "VE-self-suspension-end": "us-notice-2017"}

func register(t testing.TB, choices map[string]string) *Register {
	t.Helper()
	r, err := NewRegister(events(t), choices)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestEveryDatedEvent holds the standing against every row of the published
// events that bears on it: what is so on the day, and was not the day before.
// Each case names the row's source, and every row is accounted for.
func TestEveryDatedEvent(t *testing.T) {
	r := register(t, chosen)
	type want struct {
		by     ident.ParticipantCode // whose list the source is
		before Trade
		after  Trade
		zone   string
	}
	wants := map[string]want{
		"2003-01-01  scheme_start":             {},
		"2003-08-31  membership":               {},
		"2005-12 CI un_embargo":                {"", Free, None, ""},
		"2007-05-03 LR added":                  {"US", None, Free, ""},
		"2008-12-31 MX added":                  {"US", None, Free, ""},
		"2008-12-31 CI deleted":                {"US", None, None, ""},
		"2010-11-04 VE self_suspension":        {"", Free, None, ""},
		"2013-02-21 KH added":                  {"US", None, Free, ""},
		"2013-02-21 CM added":                  {"US", None, Free, ""},
		"2013-02-21 KZ added":                  {"US", None, Free, ""},
		"2013-02-21 PA added":                  {"US", None, Free, ""},
		"2013-05-23 CF suspension":             {"", Free, None, ""},
		"2015-06-26 CF conditional_resumption": {}, // the understanding; the other reading has its own test
		"2016-06-06 CF first_resumed_export":   {}, // trade, not standing
		"2016-06 CF compliant_zone:Berbérati":  {"", Zones, Zones, "Berbérati"},
		"2016-09-19 CF compliant_zone:Boda":    {"", Zones, Zones, "Boda"},
		"2016-09-19 CF compliant_zone:Carnot":  {"", Zones, Zones, "Carnot"},
		"2016-09-19 CF compliant_zone:Nola":    {"", Zones, Zones, "Nola"},
		"2017-04-26 VE self_suspension_lifted": {"", None, Free, ""},
		"2017-10-04 CF compliant_zone:Gadzi":   {"", Zones, Zones, "Gadzi"},
		"2018-09 CF exports":                   {}, // a figure
		"2021-01-08 GB added":                  {"US", None, Free, ""},
		"2024-02 CF status":                    {"", Zones, Zones, "Boganda"},
		"2024-11-15 CF full_reinstatement":     {"", Zones, Free, ""},
		"2024-11-15 UZ admitted":               {"", None, Free, ""},
	}
	f, err := data.FS.Open("kp-documents/regime_events.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		name := row[0] + " " + row[1] + " " + row[2]
		t.Run(name, func(t *testing.T) {
			t.Logf("%s (%s)", row[3], row[4])
			w, ok := wants[name]
			if !ok {
				t.Fatalf("no test for %s (%s)", name, row[4])
			}
			delete(wants, name)
			if w.after == "" {
				return
			}
			when, err := span(row[0])
			if err != nil {
				t.Fatal(err)
			}
			code := ident.ParticipantCode(row[1])
			before := r.SeenBy(w.by, code, when.From.AddDays(-1))
			after := r.SeenBy(w.by, code, when.Until.AddDays(-1))
			if before.Trade != w.before || after.Trade != w.after {
				t.Errorf("%s, then %s; want %s, then %s (%s)", before.Trade, after.Trade, w.before, w.after, row[4])
			}
			if w.zone != "" && !slices.Contains(after.Zones, w.zone) {
				t.Errorf("zones %v (%s)", after.Zones, row[4])
			}
			// Whoever has chosen nothing is told no less than what the row says.
			if open := register(t, nil).SeenBy(w.by, code, when.Until.AddDays(-1)); !slices.ContainsFunc(open.Possible, func(o Outcome) bool { return o.Trade == w.after }) {
				t.Errorf("without choices %v, and not %s (%s)", open.Possible, w.after, row[4])
			}
		})
	}
	for name := range wants {
		t.Errorf("%s: no such row any more", name)
	}
}

func TestStandingOnADay(t *testing.T) {
	r := register(t, chosen)
	for _, c := range []struct {
		code, on  string
		by        ident.ParticipantCode
		member    bool
		trade     Trade
		uncertain bool
	}{
		{"CF", "2012-06-01", "", true, Free, false},
		{"CF", "2013-05-23", "", true, None, false}, // suspended, still a member
		{"CF", "2015-07-16", "", true, None, false},
		{"CF", "2015-07-17", "", true, Zones, false},
		{"CF", "2015-09-01", "CH", true, None, false}, // Switzerland took it over in November
		{"CF", "2015-11-15", "CH", true, Zones, false},
		{"CF", "2026-11-23", "", true, Free, false},
		{"CM", "2010-01-01", "", false, None, false}, // before membership
		{"CM", "2012-08-15", "", false, None, true},  // some day of August 2012
		{"CM", "2012-09-01", "", true, Free, false},
		{"KE", "2020-01-01", "", false, None, false}, // never a Participant
		{"GB", "2020-12-31", "", false, None, false}, // part of the European Union
		{"GB", "2021-01-01", "", true, Free, false},
		{"TW", "2020-01-01", "", false, Free, false}, // trades, is no Participant
		{"HU", "2004-04-30", "", true, Free, false},
		{"HU", "2004-05-01", "", false, None, false}, // absorbed
		{"CG", "2005-01-01", "", false, None, false},
		{"CG", "2008-01-01", "", true, Free, false},
		{"ZW", "2010-06-01", "", true, Part, false},
		{"VE", "2015-01-01", "", true, None, false},
		{"UZ", "2024-11-14", "", false, None, false},
	} {
		s := r.SeenBy(c.by, ident.ParticipantCode(c.code), day(t, c.on))
		if s.Member != c.member || s.Trade != c.trade || (len(s.Uncertain) > 0) != c.uncertain {
			t.Errorf("%s on %s: member %v, trade %s, uncertain %v", c.code, c.on, s.Member, s.Trade, s.Uncertain)
		}
		for _, e := range s.Basis {
			if e.Source == "" {
				t.Errorf("%s on %s: an event without a source: %+v", c.code, c.on, e)
			}
		}
	}
}

// TestNothingIsChosenSilently: where sources disagree and nobody has chosen,
// the answer is open in between, and settled when one reading is named.
func TestNothingIsChosenSilently(t *testing.T) {
	open := register(t, nil)
	if q := open.Open(); len(q) != 6 || len(q["CF-conditional"]) != 2 {
		t.Errorf("open questions: %v", q)
	}
	between := day(t, "2015-07-01")
	if _, ok := open.On("CF", between).InGoodStanding(); ok {
		t.Error("an answer although the sources disagree")
	}
	for alternative, trade := range map[string]Trade{"intersessional-understanding": Zones, "written-procedure": None} {
		s := register(t, map[string]string{"CF-conditional": alternative}).On("CF", between)
		if _, ok := s.InGoodStanding(); !ok || s.Trade != trade {
			t.Errorf("%s: %s %v", alternative, s.Trade, s.Uncertain)
		}
	}
	flagged := map[string]string{"VE-self-suspension": "plenary-2008", "VE-self-suspension-end": "site-note"}
	if s := register(t, flagged).On("VE", day(t, "2026-01-01")); s.Trade != None || len(s.Uncertain) != 0 {
		t.Errorf("%+v", s)
	}
	if _, err := NewRegister(events(t), map[string]string{"VE-self-suspension": "yesterday"}); !fault.Is(err, "party.no_such_alternative") {
		t.Error(err)
	}
}

// TestSixtyAndOne: the count that the scheme states for the end of 2024.
func TestSixtyAndOne(t *testing.T) {
	r := register(t, chosen)
	var members, entities int
	for _, c := range r.Codes() {
		s := r.On(c, day(t, "2025-06-01"))
		if s.Member {
			members++
		}
		if s.Entity {
			entities++
		}
	}
	if members != 60 || entities != 1 {
		t.Errorf("%d Participants and %d trading entities, want 60 and 1", members, entities)
	}
}

// TestBasisOnlyGrows: what counted on a day counts on every later day.
func TestBasisOnlyGrows(t *testing.T) {
	r := register(t, chosen)
	codes := r.Codes()
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.SampledFrom(codes).Draw(t, "code")
		by := rapid.SampledFrom([]ident.ParticipantCode{"", "US", "CH"}).Draw(t, "by")
		d := period.MustDay(2003, 1, 1).AddDays(rapid.IntRange(0, 9000).Draw(t, "days"))
		earlier, later := r.SeenBy(by, code, d), r.SeenBy(by, code, d.AddDays(rapid.IntRange(0, 900).Draw(t, "more")))
		if len(later.Basis) < len(earlier.Basis) {
			t.Fatalf("%s: %d events, then %d", code, len(earlier.Basis), len(later.Basis))
		}
	})
}

func TestReadEventsRefuses(t *testing.T) {
	head := strings.Join(columns, ",") + "\n"
	for _, c := range []struct{ text, key string }{
		{"", "party.heading"}, {"a,b\n", "party.heading"},
		{head + "2020-13-01,CF,admitted,,,,w,s,seen\n", "party.date"},
		{head + "2020-1-1-1,CF,admitted,,,,w,s,seen\n", "party.date"},
		{head + "2020,CFX,admitted,,,,w,s,seen\n", "party.code"},
		{head + "2020,CF,entered,,,,w,s,seen\n", "party.kind"},
		{head + "2020,CF,admitted,,q,,w,s,seen\n", "party.choice"},
		{head + "2020,CF,admitted,,,,w,,seen\n", "party.source"},
		{head + "2020,CF,admitted,,,,w,s,sure\n", "party.source"},
	} {
		es, err := ReadEvents("x.csv", strings.NewReader(c.text))
		if es != nil && c.key == "party.heading" || !fault.Is(err, c.key) {
			t.Errorf("%q: %v", c.text, err)
		}
	}
}
