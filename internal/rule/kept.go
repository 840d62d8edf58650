package rule

import "adamas.example/verify/canonical"

// Kept is a finding as a file keeps it. Where the rules' parameters came from is
// not in it: the set's hash names the exact text, and it judges again.
type Kept struct {
	Rule     string         `json:"rule"`
	Set      string         `json:"set"`
	Version  int            `json:"version"`
	SetHash  canonical.Hash `json:"set_hash"`
	Outcome  Outcome        `json:"outcome"`
	Severity Severity       `json:"severity"`
	Reason   string         `json:"reason"` // key of the words
	Args     map[string]any `json:"args,omitempty"`
	Facts    map[string]any `json:"facts,omitempty"`
}

// Keep writes a report for a file, in its order.
func Keep(r Report) []Kept {
	out := []Kept{}
	for f := range r.All() {
		out = append(out, Kept{Rule: f.Rule, Set: f.Set, Version: f.Version, SetHash: f.SetHash, Outcome: f.Outcome, Severity: f.Severity,
			Reason: f.Reason.Key, Args: f.Reason.Args, Facts: f.Facts})
	}
	return out
}

// Reopen is the report of what a file has kept.
func Reopen(kept []Kept) Report {
	var out []Finding
	for _, f := range kept {
		out = append(out, Finding{Rule: f.Rule, Set: f.Set, Version: f.Version, SetHash: f.SetHash, Outcome: f.Outcome, Severity: f.Severity,
			Reason: Reason{Key: f.Reason, Args: f.Args}, Facts: f.Facts})
	}
	return NewReport(out...)
}
