package rule

import (
	"cmp"
	"iter"
	"maps"
	"slices"

	"adamas.example/verify/canonical"
)

// Outcome is what came of applying a rule.
type Outcome string

// The outcomes. A fact that is missing gives CannotTell, never Pass.
const (
	Pass       Outcome = "pass"
	Fail       Outcome = "fail"
	CannotTell Outcome = "cannot_tell"
)

// Reason is a sentence as a catalogue key and its arguments; the noun that
// judged owns the key. Arguments are shown to readers.
type Reason struct {
	Key  string
	Args map[string]any
}

// Finding is the outcome of one rule over some facts. It names the exact text
// of the rule by the hash of its set, so that anyone can judge again.
type Finding struct {
	Rule     string
	Set      string
	Version  int
	SetHash  canonical.Hash
	Severity Severity // in the scope judged
	Outcome  Outcome
	Facts    map[string]any // what was judged, by snake_case name
	Reason   Reason
	Values   []Origin // where the parameters used, and the severity, came from
}

// Finding makes a finding of a rule in force for the scope. values are the
// origins of the parameters that were used; the severity's is added when an
// override set it. A rule that is not in force there is a fault, as for Rule.
func (s Set) Finding(id string, sc Scope, outcome Outcome, facts map[string]any, reason Reason, values ...Origin) (Finding, error) {
	severity, from, err := s.Severity(id, sc)
	if err != nil {
		return Finding{}, err
	}
	values = slices.Clone(values)
	if from.Override != nil {
		values = append(values, from)
	}
	return Finding{
		Rule: id, Set: s.ID(), Version: s.Version(), SetHash: s.hash,
		Severity: severity, Outcome: outcome,
		Facts: maps.Clone(facts), Reason: reason, Values: values,
	}, nil
}

// Blocks reports that the act must not go on: the rule blocks and did not pass.
// What cannot be told blocks like a failure; nothing is let through because a
// fact is missing.
func (f Finding) Blocks() bool { return f.Severity == Block && f.Outcome != Pass }

// Report is the findings of one judgement, what matters most first: what
// blocks, then failures, then what cannot be told, then what passed; within
// each by severity and then by rule. Findings alike in all that keep the order
// they were given in.
type Report struct {
	findings []Finding
}

// NewReport orders findings into a report.
func NewReport(findings ...Finding) Report {
	sorted := slices.Clone(findings)
	slices.SortStableFunc(sorted, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(a.gravity(), b.gravity()),
			cmp.Compare(rank(a.Severity, Block, Warn, Inform), rank(b.Severity, Block, Warn, Inform)),
			cmp.Compare(a.Rule, b.Rule),
			cmp.Compare(a.Set, b.Set),
		)
	})
	return Report{sorted}
}

// gravity is 0 for what blocks, up to 3 for what passed.
func (f Finding) gravity() int {
	if f.Blocks() {
		return 0
	}
	return 1 + rank(f.Outcome, Fail, CannotTell, Pass)
}

// rank is the place of v in order, after all of them when it is none.
func rank[T comparable](v T, order ...T) int {
	if i := slices.Index(order, v); i >= 0 {
		return i
	}
	return len(order)
}

// All gives the findings in order.
func (r Report) All() iter.Seq[Finding] { return slices.Values(r.findings) }

// Len is the number of findings.
func (r Report) Len() int { return len(r.findings) }

// Blocks reports that at least one finding blocks. An empty report does not:
// that every rule was run is its maker's duty.
func (r Report) Blocks() bool { return slices.ContainsFunc(r.findings, Finding.Blocks) }

// Blocking gives the findings that block, in order.
func (r Report) Blocking() []Finding {
	var blocking []Finding
	for _, f := range r.findings {
		if f.Blocks() {
			blocking = append(blocking, f)
		}
	}
	return blocking
}

// Outcome is that of the whole: Fail when a rule that blocks failed, else
// CannotTell when one cannot be told, else Pass. Warnings do not change it.
func (r Report) Outcome() Outcome {
	outcome := Pass
	for _, f := range r.findings {
		switch {
		case f.Blocks() && f.Outcome == Fail:
			return Fail
		case f.Blocks():
			outcome = CannotTell
		}
	}
	return outcome
}
