package party

import (
	"bytes"
	"io"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"adamas.example/data"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/period"
	"adamas.example/internal/place"
	"adamas.example/rules"
)

func scheme(t testing.TB) *Scheme {
	t.Helper()
	s, err := Load(data.FS, chosen)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestMarksStandForSomething: every mark that the rules and the profiles of paper cite
// is one that a reader can follow.
func TestMarksStandForSomething(t *testing.T) {
	sources, err := LoadSources(data.FS)
	if err != nil {
		t.Fatal(err)
	}
	mark := regexp.MustCompile(`\[S[0-9]+[a-z]?\]`)
	cited := 0
	for name, fsys := range map[string]fs.FS{"rules": rules.FS(), "data": data.FS} {
		err := fs.WalkDir(fsys, ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".toml") {
				return err
			}
			text, err := fs.ReadFile(fsys, path)
			for _, m := range mark.FindAllString(string(text), -1) {
				if cited++; sources.Named(m) == m {
					t.Errorf("%s/%s: %s stands for nothing in sources.csv", name, path, m)
				}
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
	if cited < 50 {
		t.Errorf("only %d marks were found", cited)
	}
}

// TestQuestionsHaveWords: each question of the table of standing is asked in
// words, and no other.
func TestQuestionsHaveWords(t *testing.T) {
	s := scheme(t)
	asked := map[string]bool{}
	for _, q := range s.Questions {
		asked[q.Name] = true
		for _, l := range append(lang.Languages(), "pt-BR") {
			if q.In(l) == "" {
				t.Errorf("%s in %s", q.Name, l)
			}
		}
	}
	for name, events := range s.Register.Questions() {
		if !asked[name] {
			t.Errorf("%s has no words", name)
		}
		delete(asked, name)
		alternatives := map[string]bool{}
		for _, e := range events {
			alternatives[e.Alternative] = true
		}
		if len(alternatives) < 2 {
			t.Errorf("%s has one reading: %v", name, alternatives)
		}
	}
	if len(asked) > 0 {
		t.Errorf("nobody asks %v", slices.Sorted(maps.Keys(asked)))
	}
	if q, ok := s.QuestionNamed("VE-self-suspension"); !ok || !strings.Contains(q.In(lang.French), "Venezuela") {
		t.Error(q)
	}
}

// TestTerritoryAgreesWithStanding: who is surely a Participant or a trading entity
// on a day has a territory on it, and a state that has gone into the European
// Union is in the Union's.
func TestTerritoryAgreesWithStanding(t *testing.T) {
	r := register(t, chosen)
	for d := period.MustDay(2003, 1, 1); d < period.MustDay(2027, 1, 1); d = d.AddMonths(1) {
		for _, s := range r.List("", d) {
			if s.Code == ident.EuropeanUnion || len(s.Possible) > 1 || d < period.MustDay(2003, 9, 1) {
				continue // the first list is of the last day of August 2003
			}
			where, ok := r.PlaceOn("", ident.CountryCode(s.Code), d)
			switch {
			case s.Member || s.Entity:
				if !ok || where.Participant != s.Code {
					t.Errorf("%s is a Participant on %s, its territory is %q", s.Code, d, where.Participant)
				}
			case ok && where.Settled && where.Participant == s.Code:
				t.Errorf("%s is none on %s and has a territory", s.Code, d)
			}
			if slices.ContainsFunc(s.Basis, func(e Event) bool { return e.Kind == Absorbed }) && where.Participant != ident.EuropeanUnion {
				t.Errorf("%s went into the Union, and is %q on %s", s.Code, where.Participant, d)
			}
		}
	}
	for _, c := range []struct {
		country ident.CountryCode
		on      string
		want    ident.ParticipantCode
		trade   Trade
	}{
		{"XI", "2026-11-23", "EU", Free}, {"GB", "2026-11-23", "GB", Free}, {"GB", "2020-12-31", "EU", Free}, {"GL", "2014-03-30", "EU", Free},
		{"TW", "2026-11-23", "TW", Free}, {"HR", "2013-07-01", "EU", Free}, {"CF", "2014-01-01", "CF", None},
	} {
		if got, ok := r.PlaceOn("", c.country, day(t, c.on)); !ok || got.Participant != c.want || got.Standing.Trade != c.trade {
			t.Errorf("%s on %s: %s %s", c.country, c.on, got.Participant, got.Standing.Trade)
		}
	}
	if got, ok := r.PlaceOn("", "KE", day(t, "2026-11-23")); ok {
		t.Error(got)
	}
}

// TestEveryRowHasItsSource holds all tables to it, and the codes to each other.
func TestEveryRowHasItsSource(t *testing.T) {
	s := scheme(t)
	for _, code := range s.Register.Codes() {
		p, ok := s.Profile(code, day(t, "2012-06-01"))
		if !ok || p.Listing == nil || p.Listing.Name == "" || p.Name(lang.French) == "" || p.Name(lang.English) == string(code) {
			t.Errorf("%s: %+v", code, p)
		}
		for _, a := range p.Authorities {
			if a.Source == "" || a.Name == "" {
				t.Errorf("%s: %+v", code, a)
			}
		}
	}
	marks := map[ident.ParticipantCode][2]int{"VE": {1, 1}, "CF": {1, 0}, "BW": {0, 0}} // in 2020, in 2026
	for code, want := range marks {
		for i, on := range []string{"2020-01-01", "2026-01-01"} {
			if p, _ := s.Profile(code, day(t, on)); len(p.Footnotes) != want[i] {
				t.Errorf("%s on %s: %v", code, on, p.Footnotes)
			}
		}
	}
	if p, ok := s.Profile("KE", day(t, "2026-01-01")); ok {
		t.Errorf("%+v", p)
	}
	if f, ok := s.Formats.For("SL"); !ok || f.Digits != 6 || f.Parcel != EndsWithSerial || len(s.Formats.All()) != 1 {
		t.Errorf("%+v", s.Formats.All())
	}
}

// TestMarksAreNamed: a source that is named by a mark says where it was read.
func TestMarksAreNamed(t *testing.T) {
	s := scheme(t)
	mark := regexp.MustCompile(`\[S[0-9]+[a-z]?\]`)
	texts := []string{}
	for _, code := range s.Register.Codes() {
		for _, e := range s.Register.events[code] {
			texts = append(texts, e.Source)
		}
	}
	for _, f := range s.Formats.All() {
		texts = append(texts, f.Source)
	}
	for _, o := range s.Observers {
		texts = append(texts, o.Source)
	}
	for _, a := range s.authorities {
		texts = append(texts, a.Source)
	}
	for _, f := range s.footnotes {
		texts = append(texts, f.Source)
	}
	named := 0
	for _, text := range texts {
		if mark.MatchString(text) {
			t.Errorf("a mark that nobody can look up: %s", text)
		}
		if strings.Contains(text, "[S") {
			named++
		}
	}
	if named < 30 {
		t.Errorf("%d sources with a mark", named)
	}
}

func TestObservers(t *testing.T) {
	for _, o := range scheme(t).Observers {
		if o.Source == "" || o.Name(lang.Portuguese) == "" {
			t.Errorf("%+v", o)
		}
		want, known := map[string][3]string{
			"WDC": {"no", "yes", "yes"}, "CSC": {"no", "yes", "yes"}, "ADPA": {"no", "no", "yes"}, "DDI": {"?", "?", "?"},
			"GLOBAL-WITNESS": {"no", "yes", "no"}, "IMPACT": {"no", "yes", "no"},
		}[o.ID]
		for i, on := range []string{"2002-12-31", "2010-01-01", "2018-01-01"} {
			is, ok := o.On(day(t, on))
			got := map[bool]string{true: "yes", false: "no"}[is]
			if !ok {
				got = "?"
			}
			if known && got != want[i] {
				t.Errorf("%s on %s: %s, want %s", o.ID, on, got, want[i])
			}
		}
	}
}

func TestReadChoices(t *testing.T) {
	got, err := ReadChoices("c.toml", strings.NewReader("[choices]\nVE-self-suspension = \"us-notice-2010\"\n"))
	if err != nil || got["VE-self-suspension"] != "us-notice-2010" {
		t.Error(got, err)
	}
	for text, key := range map[string]string{
		"[choices": "party.choices_file", "[choice]\na = \"b\"\n": "party.choices_key", "[choices]\na = 1\n": "party.choices_file",
		strings.Repeat("#", mostChoices+1): "party.choices_size",
	} {
		if _, err := ReadChoices("c.toml", strings.NewReader(text)); !fault.Is(err, key) {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

// TestLoadRefuses: a table that is not right stops everything.
func TestLoadRefuses(t *testing.T) {
	whole := fstest.MapFS{}
	for _, name := range []string{"standing", "sources", "questions", "observers", "authorities", "footnotes", "participants", "number_formats"} {
		path := folder + "/" + name + ".csv"
		raw, err := fs.ReadFile(data.FS, path)
		if err != nil {
			t.Fatal(err)
		}
		whole[path] = &fstest.MapFile{Data: raw}
	}
	if _, err := Load(whole, nil); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, row, key string }{
		{"standing", "2020-01-01,CF,admitted,,,,w,s", "party.row"}, {"standing", "2020-02-30,CF,admitted,,,,w,s,seen", "party.date"},
		{"standing", "2020/2019,CF,admitted,,,,w,s,seen", "party.date"}, {"standing", "2020,CF,admitted,XX,,,w,s,seen", "party.code"},
		{"questions", "q,a,,c", "party.words"}, {"sources", "S99,", "party.name"}, {"observers", "WDC,a,b,c,industry,,,2003,,s,seen", "party.twice"},
		{"observers", "X,a,b,c,lobby,,,2003,,s,seen", "party.observer"}, {"observers", "X,a,b,c,industry,,NOBODY,2003,,s,seen", "party.observer"},
		{"observers", "X,a,b,c,industry,ZZ,,2003,,s,seen", "party.code"}, {"observers", "X,a,b,c,industry,,,2003,2001,s,seen", "party.date"},
		{"observers", "X,a,b,c,industry,,,soon,,s,seen", "party.date"}, {"observers", "X,a,b,,industry,,,2003,,s,seen", "party.words"},
		{"authorities", "CF,,,,s,seen", "party.name"}, {"authorities", "CF,a,2003,2001,s,seen", "party.date"}, {"authorities", "CF,a,,,,seen", "party.source"},
		{"footnotes", "CF,,2015,,a,b,c,s,seen", "party.words"}, {"footnotes", "CF,*,x,,a,b,c,s,seen", "party.date"},
		{"participants", "CF,,y,y,,,,s", "party.name"}, {"participants", "CF,a,x,y,,,,s", "party.yes"}, {"participants", "CF,a,y,y,,,,", "party.source"},
		{"number_formats", "BW,,6x,,,,s,seen", "party.format"}, {"number_formats", "BW,,0,,,,s,seen", "party.format"},
		{"number_formats", "BW,,6,,starts,,s,seen", "party.parcel_rule"}, {"number_formats", "SL,,6,,,,s,seen", "party.twice"},
	} {
		path := folder + "/" + c.name + ".csv"
		bad := maps.Clone(whole)
		bad[path] = &fstest.MapFile{Data: append(bytes.Clone(whole[path].Data), (c.row + "\n")...)}
		if _, err := Load(bad, nil); !fault.Is(err, c.key) {
			t.Errorf("%s, %s: %v, want %s", c.name, c.row, err, c.key)
		}
		delete(bad, path)
		if _, err := Load(bad, nil); err == nil {
			t.Errorf("%s is not missed", c.name)
		}
	}
}

// fuzzTable feeds a reader: it ends without panic, and what it accepts carries its
// source.
func fuzzTable[T any](f *testing.F, name string, read func(string, io.Reader) ([]T, error), check func(T) bool) {
	raw, err := fs.ReadFile(data.FS, folder+"/"+name)
	if err != nil {
		f.Fatal(err)
	}
	head, _, _ := strings.Cut(string(raw), "\n")
	f.Add(string(raw))
	f.Add(head + "\n")
	f.Add(head + "\n\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		rows, err := read(name, strings.NewReader(text))
		if err != nil && rows != nil {
			t.Error("rows beside a fault")
		}
		for _, r := range rows {
			if !check(r) {
				t.Errorf("accepted: %+v", r)
			}
		}
	})
}

func FuzzReadEvents(f *testing.F) {
	fuzzTable(f, "standing.csv", ReadEvents, func(e Event) bool {
		_, err := ident.ParseParticipant(string(e.Code))
		return err == nil && e.Source != "" && e.Kind.Known() && e.Certainty.Known() && !e.When.Empty()
	})
}

func FuzzReadObservers(f *testing.F) {
	fuzzTable(f, "observers.csv", ReadObservers, func(o Observer) bool { return o.Source != "" && o.ID != "" && o.Certainty.Known() })
}

func FuzzReadFormats(f *testing.F) {
	fuzzTable(f, "number_formats.csv", ReadFormats, func(o Format) bool { return o.Source != "" && o.NumberFormat.Validate() == nil })
}

func FuzzReadListings(f *testing.F) {
	fuzzTable(f, "participants.csv", ReadListings, func(l Listing) bool { return l.Name != "" && len(l.Code) == 2 })
}

func FuzzReadAuthorities(f *testing.F) {
	fuzzTable(f, "authorities.csv", ReadAuthorities, func(a Authority) bool { return a.Source != "" && a.Name != "" })
}

func FuzzReadFootnotes(f *testing.F) {
	fuzzTable(f, "footnotes.csv", ReadFootnotes, func(n Footnote) bool { return n.Source != "" && n.Mark != "" && n.In(lang.French) != "" })
}

func FuzzReadQuestions(f *testing.F) {
	fuzzTable(f, "questions.csv", ReadQuestions, func(q Question) bool { return q.Name != "" && q.In(lang.English) != "" })
}

func FuzzReadChoices(f *testing.F) {
	f.Add("[choices]\na = \"b\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ReadChoices("c.toml", strings.NewReader(text))
		if err == nil {
			_, _ = NewRegister(nil, got)
		}
	})
}

// TestPlaceIsNotDoubled: territory and standing are said once each.
func TestPlaceIsNotDoubled(t *testing.T) {
	got, ok := register(t, chosen).PlaceOn("", "BE", day(t, "2026-11-23"))
	want, _ := place.TerritoryOf("BE", day(t, "2026-11-23"))
	if !ok || got.Territory != want {
		t.Errorf("%+v", got)
	}
}
