package rule_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
)

// One parameter with every kind of override. An exporter's rule: the scope's
// Participant exports.
const manyOverrides = header + `[[rule]]
id = "R-TST-01"
severity = "warn"
side = "exporter"
valid-from = 2003-01-01
valid-until = 2029-12-31
text = { en = "A rule.", fr = "Une règle.", pt = "Uma regra." }
source = [{ ref = "KPCS III(b)", certainty = "seen" }]

[[rule.override]]
participant = "SL"
valid-from = 2020-01-01
severity = "block"
source = [{ ref = "law of SL", certainty = "seen" }]

[[rule.param]]
name = "validity"
type = "days"
value = 60
label = { en = "Validity", fr = "Validité", pt = "Validade" }
source = [{ ref = "base", certainty = "inference" }, { ref = "also", certainty = "seen" }]
override = [
  { valid-from = 2010-01-01, valid-until = 2010-12-31, value = 10, source = [{ ref = "year", certainty = "memory" }] },
  { participant = "SL", valid-until = 2014-12-31, value = 21, source = [{ ref = "SL old", certainty = "seen" }] },
  { participant = "SL", valid-from = 2015-01-01, value = 22, source = [{ ref = "SL new", certainty = "seen" }] },
  { exporter = "SL", importer = "EU", valid-from = 2016-01-01, value = 31, source = [{ ref = "pair", certainty = "seen" }] },
  { participant = "BR", choose = "b", alternative = [
    { id = "a", value = 1, source = [{ ref = "one", certainty = "seen" }] },
    { id = "b", value = 2, source = [{ ref = "two", certainty = "memory" }] } ] },
]

[[rule.param]]
name = "tax"
type = "percent"
unset = true
label = { en = "Tax", fr = "Taxe", pt = "Imposto" }
override = [{ participant = "SL", value = "3", source = [{ ref = "law of SL", certainty = "seen" }] }]
`

func checked(t *testing.T, text string) rule.Set {
	t.Helper()
	s, err := rule.Check(folder("s.toml", text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func on(year int) period.Date { return period.MustDay(year, time.July, 1) }

func TestTheMostSpecificValueWins(t *testing.T) {
	s := checked(t, manyOverrides)
	tests := []struct {
		name      string
		sc        rule.Scope
		want      int
		source    string
		certainty rule.Certainty
		rank      int
	}{
		{"base", rule.Scope{Participant: "CA", On: on(2009)}, 60, "also", rule.Inference, 0},
		{"by date", rule.Scope{Participant: "CA", On: on(2010)}, 10, "year", rule.Memory, 1},
		{"last day of a date", rule.Scope{Participant: "CA", On: period.MustDay(2010, 12, 31)}, 10, "year", rule.Memory, 1},
		{"day after", rule.Scope{Participant: "CA", On: period.MustDay(2011, 1, 1)}, 60, "also", rule.Inference, 0},
		{"Participant before date", rule.Scope{Participant: "SL", On: on(2010)}, 21, "SL old", rule.Seen, 2},
		{"Participant, later", rule.Scope{Participant: "SL", On: on(2015)}, 22, "SL new", rule.Seen, 2},
		{"pair not yet", rule.Scope{Participant: "SL", Counterpart: "EU", On: on(2015)}, 22, "SL new", rule.Seen, 2},
		{"pair", rule.Scope{Participant: "SL", Counterpart: "EU", On: on(2016)}, 31, "pair", rule.Seen, 3},
		{"pair the other way round", rule.Scope{Participant: "EU", Counterpart: "SL", On: on(2016)}, 60, "also", rule.Inference, 0},
		{"other pair", rule.Scope{Participant: "SL", Counterpart: "US", On: on(2016)}, 22, "SL new", rule.Seen, 2},
		{"alternative", rule.Scope{Participant: "BR", On: on(2010)}, 2, "two", rule.Conflict, 2},
		{"nobody", rule.Scope{On: on(2009)}, 60, "also", rule.Inference, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, from, err := s.Days("R-TST-01", "validity", tt.sc)
			if err != nil {
				t.Fatal(err)
			}
			rank := 0
			if from.Override != nil {
				rank = from.Override.Specificity()
			}
			if got != tt.want || from.Sources[0].Ref != tt.source || from.Certainty != tt.certainty || rank != tt.rank {
				t.Errorf("%d from %q, %s, rank %d; want %d from %q, %s, rank %d",
					got, from.Sources[0].Ref, from.Certainty, rank, tt.want, tt.source, tt.certainty, tt.rank)
			}
			if from.Set != "made-up" || from.Version != 1 || from.Hash != s.Hash() || from.Rule != "R-TST-01" || from.Param != "validity" {
				t.Errorf("the origin does not cite rule and set: %+v", from)
			}
		})
	}
}

// An importer's rule is asked with the importer as Participant; its pairs are
// still written exporter to importer.
func TestPairsOfAnImportersRule(t *testing.T) {
	s := checked(t, header+`[[rule]]
id = "R-TST-01"
severity = "warn"
side = "importer"
valid-from = 2003-01-01
text = { en = "A rule.", fr = "Une règle.", pt = "Uma regra." }
`+inForce+oneParam+`[[rule.param.override]]
exporter = "SL"
importer = "EU"
value = 5
`+inForce)
	for sc, want := range map[rule.Scope]int{
		{Participant: "EU", Counterpart: "SL", On: on(2020)}: 5,
		{Participant: "SL", Counterpart: "EU", On: on(2020)}: 60,
	} {
		if got, _, err := s.Days("R-TST-01", "validity", sc); err != nil || got != want {
			t.Errorf("%v: %d, %v; want %d", sc, got, err, want)
		}
	}
}

func TestWhatIsMissingIsAFaultAndNeverZero(t *testing.T) {
	s := checked(t, manyOverrides)
	some := rule.Scope{Participant: "CA", On: on(2016)}
	tests := []struct {
		name string
		ask  func() (any, error)
		key  string
	}{
		{"unknown rule", func() (any, error) { v, _, err := s.Days("R-TST-09", "validity", some); return v, err }, "rule.no_such_rule"},
		{"before the rule", func() (any, error) {
			v, _, err := s.Days("R-TST-01", "validity", rule.Scope{On: on(2002)})
			return v, err
		}, "rule.not_in_force"},
		{"after the rule", func() (any, error) {
			v, _, err := s.Days("R-TST-01", "validity", rule.Scope{On: on(2030)})
			return v, err
		}, "rule.not_in_force"},
		{"unknown parameter", func() (any, error) { v, _, err := s.Days("R-TST-01", "duration", some); return v, err }, "rule.no_such_param"},
		{"no value for this Participant", func() (any, error) { v, _, err := s.BasisPoints("R-TST-01", "tax", some); return v, err }, "rule.param_unset"},
		{"another type", func() (any, error) { v, _, err := s.Carats("R-TST-01", "validity", some); return int(v), err }, "rule.param_of_other_type"},
		{"severity of an unknown rule", func() (any, error) { _, _, err := s.Severity("R-TST-09", some); return 0, err }, "rule.no_such_rule"},
		{"empty set", func() (any, error) { v, _, err := rule.Set{}.Days("R-TST-01", "validity", some); return v, err }, "rule.no_such_rule"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tt.ask()
			if !fault.Is(err, tt.key) {
				t.Errorf("got %v, want %s", err, tt.key)
			}
			mustBeSpoken(t, err)
		})
	}
	if v, _, err := s.BasisPoints("R-TST-01", "tax", rule.Scope{Participant: "SL", On: on(2016)}); err != nil || v != 300 {
		t.Errorf("the one Participant with a tax of 3 %%: %d, %v", v, err)
	}
}

func TestEachTypeHasItsGetter(t *testing.T) {
	param := func(name, typ, value string) string {
		return "[[rule.param]]\nname = \"" + name + "\"\ntype = \"" + typ + "\"\nvalue = " + value +
			"\nlabel = { en = \"A\", fr = \"B\", pt = \"C\" }\n" + inForce
	}
	s := checked(t, header+oneRule+
		param("yes", "bool", "true")+param("no", "bool", "false")+param("three", "count", "3")+param("thirty", "days", "30")+
		param("three-days", "hours", "72")+param("two-months", "limit", `"2 months"`)+param("a-tenth", "carats", `"0.10"`)+
		param("tiny", "percent", `"0.02"`)+param("limit", "decimal", `"3.5"`)+param("cash", "usd", `"15000"`)+
		param("method", "word", "\"highest\"\nof = [\"highest\", \"official\"]")+param("codes", "codes", `["7102.31", "7102.10"]`)+
		param("none", "codes", `[]`)+param("title", "text", `"Kimberley Process Certificate"`)+param("due", "month-day", `"03-31"`))
	sc := rule.Scope{Participant: "CA", On: on(2020)}
	get := func(v any, _ rule.Origin, err error) any {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	const id = "R-TST-01"
	got := []any{}
	add := func(v any) { got = append(got, v) }
	yes, from, err := s.Bool(id, "yes", sc)
	add(get(yes, from, err))
	no, from, err := s.Bool(id, "no", sc)
	add(get(no, from, err))
	three, from, err := s.Count(id, "three", sc)
	add(get(three, from, err))
	thirty, from, err := s.Days(id, "thirty", sc)
	add(get(thirty, from, err))
	hours, from, err := s.Hours(id, "three-days", sc)
	add(get(hours, from, err))
	months, from, err := s.Limit(id, "two-months", sc)
	add(get(months, from, err))
	tenth, from, err := s.Carats(id, "a-tenth", sc)
	add(get(tenth, from, err))
	tiny, from, err := s.BasisPoints(id, "tiny", sc)
	add(get(tiny, from, err))
	limit, from, err := s.Thousandths(id, "limit", sc)
	add(get(limit, from, err))
	cash, from, err := s.USD(id, "cash", sc)
	add(get(cash, from, err))
	method, from, err := s.Word(id, "method", sc)
	add(get(method, from, err))
	codes, from, err := s.Codes(id, "codes", sc)
	add(get(codes, from, err))
	none, from, err := s.Codes(id, "none", sc)
	add(get(len(none), from, err))
	title, from, err := s.Text(id, "title", sc)
	add(get(title, from, err))
	due, from, err := s.MonthDay(id, "due", sc)
	add(get(due, from, err))

	want := []any{
		true, false, int64(3), 30, 72 * time.Hour, period.Limit{N: 2, Unit: period.Months}, measure.Carat / 10, int64(2), int64(3500),
		measure.USD(1_500_000), "highest", []string{"7102.31", "7102.10"}, 0, "Kimberley Process Certificate", rule.MonthDay{Month: time.March, Day: 31},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if day, err := due.In(2027); err != nil || day != period.MustDay(2027, time.March, 31) || due.String() != "03-31" {
		t.Errorf("%v in 2027 is %v, %v", due, day, err)
	}
}

func TestSeverityByParticipantAndDate(t *testing.T) {
	s := checked(t, manyOverrides)
	for _, tt := range []struct {
		who    ident.ParticipantCode
		year   int
		want   rule.Severity
		source string
	}{
		{"CA", 2025, rule.Warn, "KPCS III(b)"},
		{"SL", 2019, rule.Warn, "KPCS III(b)"},
		{"SL", 2020, rule.Block, "law of SL"},
	} {
		got, from, err := s.Severity("R-TST-01", rule.Scope{Participant: tt.who, On: on(tt.year)})
		if err != nil || got != tt.want || from.Sources[0].Ref != tt.source {
			t.Errorf("%s in %d: %s from %v, %v; want %s from %s", tt.who, tt.year, got, from.Sources, err, tt.want, tt.source)
		}
	}
}

// Editions of one rule follow one another; rules for some Participants are not
// there for others.
func TestRulesInForce(t *testing.T) {
	edition := func(id, from, until, more string) string {
		return "[[rule]]\nid = \"" + id + "\"\nseverity = \"warn\"\nside = \"any\"\nvalid-from = " + from + "\n" + until + "\n" + more +
			"\ntext = { en = \"From " + from + "\", fr = \"Du " + from + "\", pt = \"De " + from + "\" }\n" + inForce
	}
	s := checked(t, header+
		edition("R-TST-02", "2010-01-01", "", "")+
		edition("R-TST-02", "2003-01-01", "valid-until = 2009-12-31", "")+
		edition("R-TST-01", "2003-01-01", "", `participants = ["US", "CA"]`))
	names := func(sc rule.Scope) (all []string) {
		for r := range s.InForce(sc) {
			all = append(all, r.ID+" "+r.Text.EN)
		}
		return all
	}
	for _, tt := range []struct {
		sc   rule.Scope
		want []string
	}{
		{rule.Scope{Participant: "US", On: period.MustDay(2009, 12, 31)}, []string{"R-TST-01 From 2003-01-01", "R-TST-02 From 2003-01-01"}},
		{rule.Scope{Participant: "EU", On: period.MustDay(2010, 1, 1)}, []string{"R-TST-02 From 2010-01-01"}},
		{rule.Scope{Participant: "US", On: period.MustDay(2002, 12, 31)}, nil},
	} {
		if diff := cmp.Diff(tt.want, names(tt.sc)); diff != "" {
			t.Errorf("%v: %s", tt.sc, diff)
		}
	}
	if _, err := s.Rule("R-TST-01", rule.Scope{Participant: "EU", On: on(2010)}); !fault.Is(err, "rule.not_for_participant") {
		t.Errorf("a rule for others: %v", err)
	}
	for range s.InForce(rule.Scope{Participant: "US", On: on(2010)}) {
		break // stopping early is allowed
	}
}

func TestChoose(t *testing.T) {
	s := checked(t, manyOverrides)
	other, err := s.Choose("R-TST-01", "validity", "a")
	if err != nil {
		t.Fatal(err)
	}
	sc := rule.Scope{Participant: "BR", On: on(2010)}
	before, _, err1 := s.Days("R-TST-01", "validity", sc)
	after, from, err2 := other.Days("R-TST-01", "validity", sc)
	if err1 != nil || err2 != nil || before != 2 || after != 1 || from.Alternative != "a" || from.Certainty != rule.Conflict {
		t.Errorf("%d, %v, then %d by %q (%s), %v", before, err1, after, from.Alternative, from.Certainty, err2)
	}
	if other.Hash() == s.Hash() || from.Hash != other.Hash() {
		t.Error("another choice is another set and has its own hash")
	}
	for _, args := range [][3]string{{"R-TST-01", "validity", "c"}, {"R-TST-01", "tax", "a"}, {"R-TST-02", "validity", "a"}} {
		if _, err := s.Choose(args[0], args[1], args[2]); !fault.Is(err, "rule.no_such_alternative") {
			t.Errorf("%v: %v", args, err)
		}
	}
}
