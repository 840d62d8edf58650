package rule_test

import (
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/rules"
)

var loadKPCS = sync.OnceValues(func() (rule.Set, error) {
	sub, err := fs.Sub(rules.FS(), rules.KPCS)
	if err != nil {
		return rule.Set{}, err
	}
	return rule.Check(sub)
})

func kpcs(t *testing.T) rule.Set {
	t.Helper()
	s, err := loadKPCS()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func shipped(t *testing.T, name string) string {
	t.Helper()
	raw, err := fs.ReadFile(rules.FS(), name)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// An office adopts a set by its address. Whoever changes the base set sees here
// that the address changes too, and raises the version once it was published.
func TestTheBaseSetHasItsAddress(t *testing.T) {
	s := kpcs(t)
	if got := shipped(t, "HASHES"); got != "kpcs 1 "+s.Hash().String()+"\n" || s.ID() != rules.KPCS || s.Version() != 1 {
		t.Errorf("rules/HASHES says %qthe set is %s %d %s", got, s.ID(), s.Version(), s.Hash())
	}
	again, err := rule.Decode(s.Canonical())
	if err != nil || again.Hash() != s.Hash() {
		t.Errorf("the canonical form does not give the set back: %v", err)
	}
}

// Appendix A of domain.md, whole.
func TestEveryRuleCandidateIsThere(t *testing.T) {
	there := map[string]bool{}
	for _, r := range kpcs(t).Content().Rules {
		there[r.ID] = true
	}
	for id := range strings.FieldsSeq(`R-MEM-01 R-MEM-02 R-CRT-01 R-CRT-02 R-CRT-03 R-CRT-04 R-CRT-05 R-CRT-06 R-CRT-07
		R-CRT-08 R-CRT-09 R-CRT-10 R-SEA-01 R-ORG-01 R-ORG-02 R-ORG-03 R-VAL-01 R-VAL-02 R-IMP-01 R-IMP-02 R-IMP-03 R-IMP-04
		R-IMP-05 R-TRN-01 R-RET-01 R-LIC-01 R-LIC-02 R-SLP-01 R-SLP-02 R-SLP-03 R-CAR-01 R-CAR-02 R-STA-01 R-STA-02 R-STA-03
		R-STA-04 R-PRV-01 R-GOV-01 R-GOV-02 R-SAN-01 R-SOW-01 R-CSH-01 R-DEF-01`) {
		if !there[id] {
			t.Errorf("%s is missing", id)
		}
	}
}

// Every mark [Snn] in the rules is explained beside them, and no other is.
func TestSourcesAreExplained(t *testing.T) {
	used, listed := map[string]bool{}, map[string]bool{}
	files, err := fs.Glob(rules.FS(), "kpcs/*.toml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		for _, m := range regexp.MustCompile(`\[(S\d+[a-z]?)\]`).FindAllStringSubmatch(shipped(t, name), -1) {
			used[m[1]] = true
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^\| (S\d+[a-z]?) \|`).FindAllStringSubmatch(shipped(t, "kpcs/README.md"), -1) {
		listed[m[1]] = true
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(used)), slices.Sorted(maps.Keys(listed))); diff != "" {
		t.Errorf("in the rules -, in README.md +\n%s", diff)
	}
}

func TestFiguresOfTheScheme(t *testing.T) {
	s := kpcs(t)
	today := period.MustDay(2026, time.November, 23)
	months := func(n int) period.Limit { return period.Limit{N: n, Unit: period.Months} }
	days := func(n int) period.Limit { return period.Limit{N: n, Unit: period.CalendarDays} }
	years := func(n int) period.Limit { return period.Limit{N: n, Unit: period.Years} }
	tests := []struct {
		rule, param string
		sc          rule.Scope
		want        any
		certainty   rule.Certainty
	}{
		{"R-CRT-05", "validity", rule.Scope{Participant: "CF", On: today}, days(60), rule.Inference},
		{"R-CRT-05", "validity", rule.Scope{Participant: "CA", On: today}, days(60), rule.Seen},
		{"R-CRT-05", "validity", rule.Scope{Participant: "BR", On: today}, days(60), rule.Seen},
		{"R-CRT-05", "validity", rule.Scope{Participant: "EU", On: today}, months(2), rule.Memory},
		{"R-CRT-02", "serial-digits", rule.Scope{Participant: "CF", On: today}, int64(8), rule.Inference},
		{"R-CRT-02", "serial-digits", rule.Scope{Participant: "SL", On: today}, int64(6), rule.Seen},
		{"R-VAL-01", "method", rule.Scope{Participant: "SL", On: today}, "highest", rule.Seen},
		{"R-VAL-01", "method", rule.Scope{Participant: "LR", On: today}, "highest", rule.Seen},
		{"R-VAL-01", "method", rule.Scope{Participant: "CF", On: today}, "government", rule.Inference},
		{"R-ORG-01", "mixed-origin-form", rule.Scope{Participant: "EU", On: period.MustDay(2025, 2, 28)}, "asterisks", rule.Inference},
		{"R-ORG-01", "mixed-origin-form", rule.Scope{Participant: "EU", On: period.MustDay(2025, 3, 1)}, "list", rule.Seen},
		{"R-ORG-01", "mixed-origin-form", rule.Scope{Participant: "US", On: today}, "asterisks", rule.Seen},
		{"R-MEM-02", "trade", rule.Scope{Participant: "CF", On: period.MustDay(2013, 5, 22)}, "open", rule.Seen},
		{"R-MEM-02", "trade", rule.Scope{Participant: "CF", On: period.MustDay(2013, 5, 23)}, "none", rule.Seen},
		{"R-MEM-02", "trade", rule.Scope{Participant: "CF", On: period.MustDay(2015, 7, 17)}, "zones", rule.Seen},
		{"R-MEM-02", "trade", rule.Scope{Participant: "CF", On: period.MustDay(2024, 11, 15)}, "open", rule.Seen},
		{"R-MEM-02", "trade", rule.Scope{Participant: "VE", On: today}, "none", rule.Inference},
		{"R-IMP-06", "carats", rule.Scope{Participant: "EU", Counterpart: "CF", On: today}, measure.Carats(100), rule.Inference},
		{"R-IMP-06", "carats-share", rule.Scope{Participant: "EU", Counterpart: "CF", On: today}, int64(2), rule.Inference},
		{"R-IMP-06", "value", rule.Scope{Participant: "EU", Counterpart: "CF", On: today}, measure.USD(0), rule.Inference},
		{"R-IMP-02", "original-within", rule.Scope{Participant: "IN", On: today}, period.Limit{N: 7, Unit: period.WorkingDays}, rule.Seen},
		{"R-IMP-07", "overdue-after", rule.Scope{Participant: "EU", On: today}, 30, rule.Inference},
		{"R-RET-01", "originals-at-least", rule.Scope{Participant: "US", On: today}, years(5), rule.Seen},
		{"R-CRT-12", "in-trade-statistics", rule.Scope{Participant: "IN", On: today}, false, rule.Memory},
		{"R-CRT-12", "at-request-of-issuer", rule.Scope{Participant: "IN", On: today}, true, rule.Seen},
		{"R-TAX-01", "export-duty", rule.Scope{Participant: "CF", On: period.MustDay(2019, 12, 31)}, int64(625), rule.Seen},
		{"R-LOG-01", "online-within", rule.Scope{Participant: "CF", On: today}, time.Hour, rule.Inference},
		{"R-LOG-01", "offline-within", rule.Scope{Participant: "CF", On: today}, 72 * time.Hour, rule.Inference},
		{"R-LOG-02", "status-fresh", rule.Scope{Participant: "AE", On: today}, 24 * time.Hour, rule.Inference},
		{"R-LOG-02", "status-usable", rule.Scope{Participant: "AE", On: today}, 7, rule.Inference},
		{"R-OPN-01", "open-after-expiry", rule.Scope{Participant: "CF", On: today}, 30, rule.Inference},
		{"R-PRV-02", "visit-every", rule.Scope{Participant: "CF", On: today}, years(5), rule.Conflict},
		{"R-CAR-01", "approval-within", rule.Scope{Participant: "CF", On: period.MustDay(2018, 6, 1)}, 7, rule.Inference},

		// The same figures as Go has for what binds everybody.
		{"R-RET-01", "originals-at-least", rule.Scope{Participant: "CF", On: today}, period.KeepOriginal, rule.Seen},
		{"R-RET-02", "records-at-least", rule.Scope{Participant: "CF", On: today}, period.KeepRecords, rule.Inference},
		{"R-GOV-03", "circulated-within", rule.Scope{On: today}, period.ApplicationCirculated, rule.Memory},
		{"R-GOV-01", "notice", rule.Scope{On: today}, period.AmendmentNotice.N, rule.Memory},
		{"R-PRV-01", "report-within", rule.Scope{On: today}, period.MissionReport, rule.Memory},
		{"R-PRV-01", "comments-within", rule.Scope{On: today}, period.MissionComments, rule.Memory},
		{"R-CRT-02", "serial-digits", rule.Scope{On: today}, int64(ident.DefaultFormat.Digits), rule.Inference},
		{"R-CRT-02", "serial-digits", rule.Scope{Participant: "SL", On: today}, int64(ident.KnownFormats().For("SL").Digits), rule.Seen},
	}
	for _, tt := range tests {
		got, from, err := ask(s, tt.rule, tt.param, tt.sc)
		if err != nil || !cmp.Equal(tt.want, got) || from.Certainty != tt.certainty {
			t.Errorf("%s %s for %v: %v (%s), %v; want %v (%s)", tt.rule, tt.param, tt.sc, got, from.Certainty, err, tt.want, tt.certainty)
		}
	}
	codes, _, err := s.Codes("R-CRT-07", "hs-codes", rule.Scope{On: today})
	if err != nil || len(codes) != len(ident.HSCodes()) || codes[0] != string(ident.Unsorted) {
		t.Errorf("tariff codes %v, %v; Go has %v", codes, err, ident.HSCodes())
	}
	due, _, err := s.MonthDay("R-STA-02", "due", rule.Scope{On: today})
	if on, e := due.In(2027); err != nil || e != nil || on != period.Year(2026).AnnualReportDue() {
		t.Errorf("annual report due %v, %v, %v", on, err, e)
	}
}

// ask calls the getter of whatever type the parameter has.
func ask(s rule.Set, id, name string, sc rule.Scope) (got any, from rule.Origin, err error) {
	_, t, _, err := s.Param(id, name, sc)
	if err != nil {
		return nil, from, err
	}
	switch t {
	case rule.TypeBool:
		got, from, err = s.Bool(id, name, sc)
	case rule.TypeCount:
		got, from, err = s.Count(id, name, sc)
	case rule.TypeDays:
		got, from, err = s.Days(id, name, sc)
	case rule.TypeHours:
		got, from, err = s.Hours(id, name, sc)
	case rule.TypeLimit:
		got, from, err = s.Limit(id, name, sc)
	case rule.TypeCarats:
		got, from, err = s.Carats(id, name, sc)
	case rule.TypePercent:
		got, from, err = s.BasisPoints(id, name, sc)
	case rule.TypeDecimal:
		got, from, err = s.Thousandths(id, name, sc)
	case rule.TypeUSD:
		got, from, err = s.USD(id, name, sc)
	case rule.TypeWord:
		got, from, err = s.Word(id, name, sc)
	case rule.TypeCodes:
		got, from, err = s.Codes(id, name, sc)
	case rule.TypeText:
		got, from, err = s.Text(id, name, sc)
	case rule.TypeMonthDay:
		got, from, err = s.MonthDay(id, name, sc)
	}
	return got, from, err
}

// Whoever asks, on whatever day, gets for every rule in force a severity, and
// for every parameter a value with a source or the fault that says there is none.
func TestEveryParticipantIsAnswered(t *testing.T) {
	s := kpcs(t)
	all := strings.Fields(`AE AM AO AU BD BR BW BY CA CD CF CG CH CI CM CN EU GA GB GH GN GY ID IL IN JP KG KH KR KZ LA LB LK
		LR LS ML MU MX MY MZ NA NO NZ PA QA RU SG SL SZ TG TH TR TW TZ UA US UZ VE VN ZA ZW`)
	if len(all) != 61 {
		t.Fatalf("%d codes, want 60 Participants and the Taipei entity", len(all))
	}
	for _, code := range all {
		for _, day := range []period.Date{period.MustDay(2003, 1, 1), period.MustDay(2016, 6, 6), period.MustDay(2026, 11, 23)} {
			sc := rule.Scope{Participant: ident.ParticipantCode(code), Counterpart: "EU", On: day}
			n := 0
			for r := range s.InForce(sc) {
				n++
				if _, from, err := s.Severity(r.ID, sc); err != nil || len(from.Sources) == 0 {
					t.Errorf("%s %s: %v", r.ID, code, err)
				}
				for _, p := range r.Params {
					_, from, err := ask(s, r.ID, p.Name, sc)
					if err == nil && len(from.Sources) == 0 || err != nil && !fault.Is(err, "rule.param_unset") {
						t.Errorf("%s %s for %s on %s: %v", r.ID, p.Name, code, day, err)
					}
				}
			}
			if n < 40 {
				t.Errorf("%d rules in force for %s on %s", n, code, day)
			}
		}
	}
}

func TestTheBaseSetIsDescribedInEachLanguage(t *testing.T) {
	for _, l := range lang.Languages() {
		text := rule.Describe(kpcs(t), catalogue(t).Printer(l))
		for _, bad := range []string{"rule.", "limit.", "{set", "{value", "{about"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s: holds %q", l, bad)
			}
		}
		if n := strings.Count(text, "\nR-"); n != len(kpcs(t).Content().Rules) {
			t.Errorf("%s: %d rules told of %d", l, n, len(kpcs(t).Content().Rules))
		}
	}
}
