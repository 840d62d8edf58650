package specimen

import (
	"slices"

	"adamas.example/internal/ident"
	"adamas.example/internal/party/stated"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
)

// JudgePaper holds a number and a day of issue against what is known of the issuing
// Participant's papers: a finding of R-CRT-03 (stated.JudgeRange) and one of R-CRT-08: a
// specimen was in force on that day. Where the Participant's own authority has stated its
// specimens, a day outside all of them is a paper of no known form; where the office
// only keeps some, it may be that one is missing, and nothing can be told.
//
// Whether the paper looks like the specimen, and bears the right signature, is not known
// here; the reason names the specimens to compare with.
func JudgePaper(tx *store.Tx, set rule.Set, sc rule.Scope, number ident.CertificateNumber, issued period.Date) ([]rule.Finding, error) {
	inRange, err := stated.JudgeRange(tx, set, sc, number, issued)
	if err != nil {
		return nil, err
	}
	specimen, err := judge(tx, set, sc, issued)
	return []rule.Finding{inRange, specimen}, err
}

func judge(tx *store.Tx, set rule.Set, sc rule.Scope, issued period.Date) (rule.Finding, error) {
	all, err := Of(tx, Office, sc.Participant)
	if err != nil {
		return rule.Finding{}, err
	}
	all = slices.DeleteFunc(all, func(s Specimen) bool { return s.Ended != nil || s.Kind != Certificate })
	names, statements, kept, signed := []string{}, []any{}, []any{}, false
	for _, s := range all {
		signed = signed || s.ID == ""
		if !s.Days.Contains(issued) {
			continue
		}
		if names = append(names, s.Name); s.ID == "" {
			statements = append(statements, s.Statement.String())
		} else {
			kept = append(kept, string(s.ID))
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	outcome, key := rule.Pass, "party.finding.specimen"
	switch {
	case len(all) == 0:
		outcome, key = rule.CannotTell, "party.finding.specimens_unknown"
	case len(names) == 0 && signed:
		outcome, key = rule.Fail, "party.finding.specimen_none"
	case len(names) == 0:
		outcome, key = rule.CannotTell, "party.finding.specimen_gap"
	}
	facts := map[string]any{"issued": issued.String(), "specimens": names, "statements": statements}
	if len(kept) > 0 {
		facts["kept"] = kept
	}
	return set.Finding("R-CRT-08", sc, outcome, facts, rule.Reason{Key: key, Args: map[string]any{"participant": sc.Participant, "on": issued, "specimens": names}})
}
