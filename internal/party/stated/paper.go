package stated

import (
	"adamas.example/internal/ident"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
)

// JudgeRange holds a number and a day of issue against the ranges that the issuing
// Participant's authority has stated: a finding of R-CRT-03 (the number lies in a range
// for that day). A Participant that has stated none leaves the question open: most of
// them issue on paper alone. Whether the number is void is not known here.
//
// A forged certificate of Sierra Leone was known by a number of the year before [S49].
func JudgeRange(tx *store.Tx, set rule.Set, sc rule.Scope, number ident.CertificateNumber, issued period.Date) (rule.Finding, error) {
	all, err := Ranges(tx, RangeFilter{Participant: sc.Participant})
	if err != nil {
		return rule.Finding{}, err
	}
	holding, err := RangesOf(tx, number)
	if err != nil {
		return rule.Finding{}, err
	}
	_, from, err := set.Bool("R-CRT-03", "range-by-year", sc)
	if err != nil {
		return rule.Finding{}, err
	}
	args := map[string]any{"number": number, "participant": sc.Participant, "on": issued}
	outcome, key := rule.Fail, "party.finding.range_none"
	ranges := []any{}
	for _, r := range holding {
		ranges = append(ranges, map[string]any{"station": string(r.Station), "from": r.Days.From.String(), "until": r.Days.Until.AddDays(-1).String(), "statement": r.Hash.String()})
		args["station"], args["from"], args["until"] = string(r.Station), r.Days.From, r.Days.Until.AddDays(-1)
		if r.Days.Contains(issued) {
			outcome, key = rule.Pass, "party.finding.range_holds"
			break
		}
		key = "party.finding.range_other_days"
	}
	if len(all) == 0 {
		outcome, key = rule.CannotTell, "party.finding.ranges_unknown"
	}
	facts := map[string]any{"number": string(number), "issued": issued.String(), "ranges": ranges}
	return set.Finding("R-CRT-03", sc, outcome, facts, rule.Reason{Key: key, Args: args}, from)
}
