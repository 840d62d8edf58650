package rule_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"adamas.example/internal/fault"
	"adamas.example/internal/rule"
)

func TestAFindingCitesItsRule(t *testing.T) {
	s := checked(t, manyOverrides)
	sc := rule.Scope{Participant: "SL", Counterpart: "EU", On: on(2020)}
	days, from, err := s.Days("R-TST-01", "validity", sc)
	if err != nil {
		t.Fatal(err)
	}
	facts := map[string]any{"issued": on(2020), "days": days}
	got, err := s.Finding("R-TST-01", sc, rule.Fail, facts, rule.Reason{Key: "certificate.reason.expired"}, from)
	if err != nil {
		t.Fatal(err)
	}
	facts["days"] = 0 // the finding keeps its own
	_, severity, _ := s.Severity("R-TST-01", sc)
	want := rule.Finding{
		Rule: "R-TST-01", Set: "made-up", Version: 1, SetHash: s.Hash(), Severity: rule.Block, Outcome: rule.Fail,
		Facts:  map[string]any{"issued": on(2020), "days": 31},
		Reason: rule.Reason{Key: "certificate.reason.expired"},
		Values: []rule.Origin{from, severity},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, err := s.Finding("R-TST-01", rule.Scope{Participant: "SL", On: on(2002)}, rule.Pass, nil, rule.Reason{}); !fault.Is(err, "rule.not_in_force") {
		t.Errorf("a finding of a rule that is not in force: %v", err)
	}
}

func TestWhatBlocks(t *testing.T) {
	for _, tt := range []struct {
		severity rule.Severity
		outcome  rule.Outcome
		blocks   bool
	}{
		{rule.Block, rule.Pass, false},
		{rule.Block, rule.Fail, true},
		{rule.Block, rule.CannotTell, true},
		{rule.Block, "", true}, // an outcome nobody filled in lets nothing through
		{rule.Warn, rule.Fail, false},
		{rule.Warn, rule.CannotTell, false},
		{rule.Inform, rule.Fail, false},
	} {
		f := rule.Finding{Severity: tt.severity, Outcome: tt.outcome}
		if f.Blocks() != tt.blocks || rule.NewReport(f).Blocks() != tt.blocks {
			t.Errorf("%s %s: blocks %v, want %v", tt.severity, tt.outcome, f.Blocks(), tt.blocks)
		}
	}
}

func TestAReportSaysWhatMattersFirst(t *testing.T) {
	f := func(id string, s rule.Severity, o rule.Outcome) rule.Finding {
		return rule.Finding{Rule: id, Severity: s, Outcome: o}
	}
	r := rule.NewReport(
		f("R-A-1", rule.Inform, rule.Pass), f("R-B-1", rule.Warn, rule.CannotTell), f("R-C-1", rule.Inform, rule.Fail),
		f("R-D-1", rule.Block, rule.CannotTell), f("R-E-1", rule.Warn, rule.Fail), f("R-F-1", rule.Block, rule.Pass),
		f("R-B-0", rule.Block, rule.Fail),
	)
	var order []string
	for f := range r.All() {
		order = append(order, f.Rule)
	}
	want := []string{"R-B-0", "R-D-1", "R-E-1", "R-C-1", "R-B-1", "R-F-1", "R-A-1"}
	if diff := cmp.Diff(want, order); diff != "" || r.Len() != len(want) {
		t.Error(diff)
	}
	if len(r.Blocking()) != 2 || r.Outcome() != rule.Fail {
		t.Errorf("%d block, outcome %s", len(r.Blocking()), r.Outcome())
	}
	for _, tt := range []struct {
		report rule.Report
		want   rule.Outcome
	}{
		{rule.NewReport(), rule.Pass},
		{rule.NewReport(f("R-A-1", rule.Warn, rule.Fail)), rule.Pass},
		{rule.NewReport(f("R-A-1", rule.Block, rule.CannotTell), f("R-B-1", rule.Warn, rule.Fail)), rule.CannotTell},
	} {
		if got := tt.report.Outcome(); got != tt.want {
			t.Errorf("%v: %s, want %s", tt.report, got, tt.want)
		}
	}
}
